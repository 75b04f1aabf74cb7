"""The report as one HTML page that needs nothing else: no script, no font, no picture from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from isthmus.cli.doctor.seen import lines
from isthmus.cli.doctor.timeline import MAX_BARS, timeline
from isthmus.cli.doctor.wording import STATES, conclusion, plain, tally, trust_in_words
from isthmus.lifecycle.diagnosis import Diagnosis, Section
from isthmus.pki.rules.rule import Finding
from isthmus.pki.trust_matrix import State, TrustMatrix

MAX_DRAWN = 100

_SIGNS: dict[State, str] = {"ok": "✓", "refused": "✗", "unknown": "?", "clear": "o"}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1c2024; --dim: #667; --line: #d8dce2; --card: #f6f7f9;
  --bad: #c62828; --soon: #b26a00; --good: #2e7d32; --note: #00719c; }
@media (prefers-color-scheme: dark) { :root { --back: #14171b; --text: #e6e8eb; --dim: #99a; --line: #343a42;
  --card: #1d2127; --bad: #ff7b72; --soon: #e3b341; --good: #6cc36f; --note: #6cb6ff; } }
body { background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
.dim { color: var(--dim); font-size: .88rem; overflow-wrap: anywhere; margin: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  margin: .8rem 0; padding: .8rem 1rem; }
.finding { border-left: 4px solid var(--note); margin: .8rem 0 0; padding-left: .8rem; overflow-wrap: anywhere; }
.finding p { margin: .15rem 0; }
.finding.error { border-color: var(--bad); } .finding.warning { border-color: var(--soon); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .5rem 0; font-size: .88rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.badge { font-size: .78rem; font-weight: 600; text-transform: uppercase; color: var(--note); }
.error > p > .badge { color: var(--bad); } .warning > p > .badge { color: var(--soon); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .15rem .45rem; text-align: center; font-weight: normal; }
th.name { text-align: left; white-space: nowrap; position: sticky; left: 0; background: var(--back); }
td.ok { color: var(--good); } td.refused { color: var(--back); background: var(--bad); } td.unknown, td.clear {
  color: var(--back); background: var(--soon); } td.self { color: var(--dim); }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; } svg text { fill: var(--text); }
svg .tick { fill: var(--dim); font-size: 10px; } svg .grid { stroke: var(--line); }
rect.bad { fill: var(--bad); } rect.soon { fill: var(--soon); } rect.good { fill: var(--good); }
@media (max-width: 40rem) { svg.timeline { min-width: 36rem; } }
"""


def page(diagnosis: Diagnosis) -> str:
    """Write the page; all that came from files is escaped."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>isthmus doctor: {_text(conclusion(diagnosis))}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(conclusion(diagnosis))}</h1>",
        f'<p class="dim">isthmus doctor, {diagnosis.now:%Y-%m-%d %H:%M} UTC</p>',
        *(_trust(diagnosis.matrix) if diagnosis.matrix is not None else ()),
        "<h2>Findings</h2>",
        *map(_section, diagnosis.sections()),
        *_expiries(diagnosis),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _text(text: str) -> str:
    return escape(plain(text))


def _section(section: Section) -> str:
    head = f'<h3>{_text(section.name)}</h3><p class="dim">{_text(section.where)}</p>'
    told = f'{_seen(section)}<p class="dim">{tally(section.findings)}</p>{"".join(map(_finding, section.findings))}'
    return f'<section class="card">{head}{told}</section>'


def _seen(section: Section) -> str:
    if section.port is None:
        return ""
    return f"<dl>{''.join(f'<dt>{_text(what)}</dt><dd>{_text(how)}</dd>' for what, how in lines(section.port))}</dl>"


def _finding(finding: Finding) -> str:
    source = " · ".join(part for part in (finding.rule, finding.channel, finding.page) if part)
    return (
        f'<div class="finding {finding.severity}"><p><span class="badge">{finding.severity}</span> '
        f"{_text(finding.sentence)}</p><p>→ {_text(finding.mend)}</p>"
        f'<p class="dim">{_text(finding.where)}</p><p class="dim">{_text(source)}</p></div>'
    )


def _trust(matrix: TrustMatrix) -> Iterator[str]:
    yield f'<h2>Who trusts whom on transport</h2><p class="dim">{_text(trust_in_words(matrix))}. Rows dial columns.</p>'
    if len(matrix.names) <= MAX_DRAWN:
        yield f'<div class="scroll"><table>{_head(matrix)}{"".join(_rows(matrix))}</table></div>'


def _head(matrix: TrustMatrix) -> str:
    cells = "".join(f'<th title="{_text(name)}">{at}</th>' for at, name in enumerate(matrix.names, 1))
    return f'<tr><th class="name"></th>{cells}</tr>'


def _rows(matrix: TrustMatrix) -> Iterator[str]:
    for dialler, (name, row) in enumerate(zip(matrix.names, matrix.rows, strict=True)):
        cells = [
            f'<td class="{one.state}" title="{_text(f"{name} → {matrix.names[at]}: {one.why or STATES[one.state]}")}">'
            f"{_SIGNS[one.state]}</td>"
            if at != dialler
            else '<td class="self">·</td>'
            for at, one in enumerate(row)
        ]
        yield f'<tr><th class="name">{dialler + 1} {_text(name)}</th>{"".join(cells)}</tr>'


def _expiries(diagnosis: Diagnosis) -> Iterator[str]:
    if not diagnosis.expiries:
        return
    yield f'<h2>When what expires</h2><div class="scroll">{timeline(diagnosis)}</div>'
    if len(diagnosis.expiries) > MAX_BARS:
        yield f'<p class="dim">and {len(diagnosis.expiries) - MAX_BARS} that expire later</p>'
