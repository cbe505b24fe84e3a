"""What CMS publishes or sends as tables and workbooks: public results files and settlement reports."""
