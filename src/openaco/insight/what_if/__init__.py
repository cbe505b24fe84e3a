"""What would be different if: every answer is the difference of two worksheets."""

from openaco.insight.what_if.answer import Answer, ChangedLine, answer
from openaco.insight.what_if.question import Question

__all__ = ["Answer", "ChangedLine", "Question", "answer"]
