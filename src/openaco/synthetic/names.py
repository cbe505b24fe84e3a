"""Names nobody has: given names and family names put together from plain words."""

from __future__ import annotations

FIRST = (
    *("Amber", "Aspen", "Autumn", "Basil", "Birch", "Briar", "Brook", "Cedar", "Clay", "Clover", "Coral", "Dale"),
    *("Dawn", "Ember", "Fern", "Flint", "Forest", "Glen", "Hazel", "Heath", "Holly", "Indigo", "Ivory", "Ivy"),
    *("Jade", "Jasper", "Juniper", "Lake", "Laurel", "Linden", "Maple", "Marsh", "Meadow", "Olive", "Opal", "Pearl"),
    *("Reed", "Ridge", "River", "Robin", "Rowan", "Ruby", "Sage", "Sandy", "Sky", "Sorrel", "Stone", "Summer"),
    *("Teal", "Terra", "Thorn", "Topaz", "Vale", "Violet", "Willow", "Winter", "Wren", "Yarrow", "Zephyr", "Zinnia"),
)
LAST_STEM = (
    *("Alder", "Ash", "Barley", "Beacon", "Bell", "Bramble", "Bridge", "Bright", "Cinder", "Cliff", "Cloud", "Copper"),
    *("Corn", "Crest", "Daisy", "Drift", "Dusk", "Elm", "Fair", "Falcon", "Feather", "Fox", "Frost", "Garnet"),
    *("Gold", "Granite", "Grove", "Harbor", "Hawk", "Heron", "Honey", "Iron", "Lantern", "Lark", "Light", "Marble"),
    *("Mill", "Moon", "Moss", "North", "Oak", "Orchard", "Otter", "Pebble", "Pine", "Plum", "Quarry", "Rain"),
    *("Raven", "Rose", "Sail", "Salt", "Silver", "Spring", "Star", "Sun", "Thistle", "Timber", "Wheat", "Wind"),
)
LAST_END = ("berg", "brook", "croft", "dale", "field", "ford", "gate", "ham", "hill", "land", "ley", "mark")
STREETS = ("Invented St", "Made Up Ave", "Sample Rd", "Example Ln", "Placeholder Blvd", "Fiction Way")
