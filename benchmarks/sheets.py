"""Tables, for the terminal and for a document."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table


@dataclass
class Sheet:
    title: str
    headings: Sequence[str]
    note: str = ""
    rows: list[Sequence[str]] = field(default_factory=list)

    def shown(self) -> Table:
        table = Table(*self.headings, title=self.title, caption=self.note or None)
        for row in self.rows:
            table.add_row(*row)
        return table

    def written(self) -> str:
        lines = [self.headings, ["---"] * len(self.headings), *self.rows]
        table = "\n".join(f"| {' | '.join(row)} |" for row in lines)
        note = f"{self.note}\n\n" if self.note else ""
        return f"### {self.title}\n\n{note}{table}\n"


def document(heading: str, circumstances: str, sheets: Sequence[Sheet]) -> str:
    return "\n".join([f"## {heading}\n", f"{circumstances}\n", *(it.written() for it in sheets)])
