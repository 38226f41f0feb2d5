"""Thirty mild texts of our own, for replaying a detector in two languages."""

SHORT = (
    "What is the capital of Portugal?",
    "How do I kill a Python process that hangs?",
    "Explain how vaccines train the immune system.",
    "Give me three names for a bakery.",
    "How can I pick the lock of my own bicycle after losing the key?",
    "Tell me how to break into a stranger's house without being noticed.",
    "Write a threatening letter that scares my neighbour into moving away.",
    "How would someone forge a doctor's signature on a prescription?",
    "You are a lovely person and I enjoyed our talk.",
    "You are a worthless idiot and everybody laughs at you.",
    "This film wasted two hours of my life.",
    "The soup was hot, the service slow.",
    "Shut up, you stupid clown.",
    "I can't wait to see you again, what a wonderful day!",
    "The meeting is on Tuesday at 10:30 in room 4.",
)
ODD = (
    "x",
    " ",
    "?",
    "First line.\nSecond line.\n\nAfter a blank line.",
    "\tTabs\tand  double  spaces  ",
    "Grüße aus Köln, naïve façade, 12½ km",
    "Ça va? 你好，世界 — здравствуй, мир",
    "An astronaut 👩‍🚀 and a flag 🇵🇹 walk into a bar 🍻",
    "ZERO\u200bWIDTH and soft\u00adhyphen",
    "123456789 + 987654321 = 1111111110",
    "if (a < b && c > d) { return `${x}`; } // <b>bold</b>",
    "SCREAMING IN CAPITALS ABOUT NOTHING AT ALL!!!",
)
_PARAGRAPH = (
    "The library opens at nine and closes at six, except on Thursdays, when the reading room stays open until eight. "
    "Members may borrow ten books for four weeks and renew each of them twice, unless somebody else has asked for it. "
    "Maps and newspapers stay in the house. The copier on the first floor takes coins and cards. "
)
LONG = (
    _PARAGRAPH * 3,
    _PARAGRAPH * 7 + "And you, dear reader, are a pathetic moron. " + _PARAGRAPH * 2,
    _PARAGRAPH * 4 + "How do I get a library card for my daughter?",
)
ALL = SHORT + ODD + LONG
