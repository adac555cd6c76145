"""Class and style of each part of a page, from the style sheets in `static/`.

`look("note")` gives the attributes of a part. Its rule in inline.css becomes a style attribute, with the light
colour as a fallback for each variable: so it holds with and without the sheet that gives the variables their values.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from cursus_rt_notebook.render.html import Markup, stylesheet
from cursus_rt_notebook.render.states import PALETTE, STATES

_RULE = re.compile(r"\.([\w-]+)\s*\{([^}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_VARIABLE = re.compile(r"var\(--crt-(\w+)\)")
# JupyterLab's own neutral colours follow its theme also where our sheet is dropped.
_JUPYTER = {"dim": "--jp-ui-font-color2", "line": "--jp-border-color1"}

# A page's own style may put cells at the right: JupyterLab's does.
LEFT = {"style": "text-align:left"}


@cache
def look(*parts: str) -> dict[str, str]:
    """The attributes `class_` and `style` of a part; of several parts together, the later ones win."""
    names = ["crt" if part == "crt" else f"crt-{part}" for part in parts]
    rules = _rules()
    style = "".join(rules.get(name, "") for name in names)
    return {"class_": " ".join(names)} | ({"style": style.rstrip(";")} if style else {})


@cache
def toned(part: str, state: str) -> dict[str, str]:
    """The same for a part in a state's colours: dark on light wherever no theme says otherwise."""
    tone = STATES[state]
    ground = {"done": "donebg", "wait": "surface", "cached": "cachedbg"}.get(tone.colour, f"{tone.colour}bg")
    colour, tint = _with_fallback(f"var(--crt-{tone.colour})"), _with_fallback(f"var(--crt-{ground})")
    attributes = look(part)
    style = f"{attributes.get('style', '')};background-color:{tint};border-left-color:{colour}"
    ink = colour if part == "pill" else _with_fallback("var(--crt-ink)")
    return attributes | {"style": f"{style};color:{ink}"}


@cache
def segment(state: str) -> dict[str, str]:
    """One step in the row of segments: full where it is done, an outline where it is not."""
    tone = STATES[state]
    colour = _with_fallback(f"var(--crt-{tone.colour})")
    # JupyterLab's sanitizer keeps no variable for the colour of a whole border.
    edge = f"border-color:{PALETTE[tone.colour][0]};border-color:{colour}"
    line = f"border-width:1px;border-style:{'dashed' if tone.dashed else 'solid'};{edge}"
    full = f";background-color:{colour}" if state in {"done", "cached", "paused", "failed", "running"} else ""
    attributes = look("segment", f"seg-{state}")
    return attributes | {"style": f"{attributes['style']};box-sizing:border-box;{line}{full}"}


@cache
def sheet() -> Markup:
    """The style sheet with the variables of both themes, for pages that may keep one."""
    return stylesheet(_squeezed(_read("theme.css")))


@cache
def _rules() -> dict[str, str]:
    return {name: _with_fallback(_squeezed(body)) for name, body in _RULE.findall(_squeezed(_read("inline.css")))}


def _with_fallback(css: str) -> str:
    return _VARIABLE.sub(lambda match: f"var(--crt-{match[1]},{_fallback(match[1])})", css)


def _fallback(name: str) -> str:
    value = PALETTE[name][0]
    # JupyterLab's sanitizer keeps a variable only for the rgb() in it.
    rgb = f"rgb({','.join(str(int(value[i : i + 2], 16)) for i in (1, 3, 5))})"
    return f"var({_JUPYTER[name]},{rgb})" if name in _JUPYTER else rgb


def _read(name: str) -> str:
    return resources.files("cursus_rt_notebook.render").joinpath("static", name).read_text(encoding="utf-8")


def _squeezed(css: str) -> str:
    css = re.sub(r"\s+", " ", _COMMENT.sub("", css))
    return re.sub(r"\s*([{};:,])\s*", r"\1", css).strip()
