// Sorts the table of countries in place. Without script the same headings are links that the server sorts by.

function value(row: HTMLTableRowElement, column: number): string {
  return row.cells[column]?.dataset["sort"] ?? "";
}

// An empty cell is unknown: it goes last whichever way the column runs, for it is neither high nor low.
function order(column: number, down: boolean): (a: HTMLTableRowElement, b: HTMLTableRowElement) => number {
  return (a, b) => {
    const [x, y] = [value(a, column), value(b, column)];
    if (x === "" || y === "") return Number(x === "") - Number(y === "");
    const numbers = [Number(x), Number(y)] as const;
    const ahead = numbers.some(Number.isNaN) ? x.localeCompare(y) : numbers[0] - numbers[1];
    return down ? -ahead : ahead;
  };
}

function sort(table: HTMLTableElement, heading: HTMLTableCellElement): void {
  const body = table.tBodies[0];
  if (!body) return;
  const current = heading.getAttribute("aria-sort");
  const down = current === null ? heading.dataset["first"] === "down" : current === "ascending";
  const rows = [...body.rows].sort(order(heading.cellIndex, down));
  body.append(...rows);
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
}

for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) {
  table.querySelectorAll<HTMLAnchorElement>("thead th a").forEach((link) => {
    link.addEventListener("click", (event) => {
      const heading = link.closest("th");
      if (!heading) return;
      event.preventDefault();
      sort(table, heading);
    });
  });
}
