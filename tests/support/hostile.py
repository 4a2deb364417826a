"""Texts that harm a page which takes them for anything but text; each of those that run something sets ``pwned``."""

MARK = "window.pwned=1"
HOSTILE = (
    f"</script><script>{MARK}</script>",
    f"<!--<script>{MARK}</script>",
    f"--><script>{MARK}</script>",
    f"--!><script>{MARK}</script>",
    f"]]><script>{MARK}</script>",
    f"</style><script>{MARK}</script>",
    f"</title><script>{MARK}</script>",
    f"</textarea></noscript><script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f'"><svg onload={MARK}>',
    f"' onmouseover='{MARK}' x='",
    f'" onfocus="{MARK}" autofocus x="',
    f"<details open ontoggle={MARK}>",
    f"javascript:{MARK}",
    f'<a href="javascript:{MARK}">here</a>',
    f"<form><button formaction=javascript:{MARK}>send",
    f'<iframe srcdoc="<script>parent.{MARK}</script>">',
    '<base href="https://example.com/">',
    '<meta http-equiv="refresh" content="0;url=https://example.com/">',
    "<link rel=stylesheet href=https://example.com/x.css>",
    "<style>@import 'https://example.com/x.css'; * { display: none }</style>",
    "{{ 7 * 7 }}{% raw %}",
    "`${" + MARK + "}`",
    f"&lt;script&gt;{MARK}&lt;/script&gt;",
    "\N{RIGHT-TO-LEFT OVERRIDE}right to left\N{RIGHT-TO-LEFT ISOLATE}",
    "a\x00b\x1b[2J",
    "a line\N{LINE SEPARATOR}and\N{PARAGRAPH SEPARATOR}another",
    "__proto__",
    "x" * 10_000,
    "half a character \ud800",
    "another half \udc00 and more",
)
NAMES = tuple(text for text in HOSTILE if text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text))
"""Those that a file can hold, and so a source, a target or a label be called."""
