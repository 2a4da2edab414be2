// A table of genres mixed up: each count opens the songs behind it. One stop for Tab; arrows inside.
(() => {
  const { songs, genres } = groove.data("judged");
  groove.all("table[data-panel]").forEach((table) => {
    const panel = document.getElementById(table.dataset.panel);
    const head = panel.querySelector("h3");
    const list = panel.querySelector("ol");
    const rest = panel.querySelector("p");
    const cells = groove.all("td[style]", table).map((count) => {
      const button = document.createElement("button");
      button.append(...count.childNodes);
      count.append(button);
      return button;
    });
    let from = null;
    const order = table.dataset.order.split(" ").map(Number);
    const at = (cell) => [cell.closest("tr").rowIndex, cell.parentNode.cellIndex];
    const pair = (cell) => at(cell).map((place) => order[place - 1]);
    cells.forEach((cell, n) => {
      const [truth, guess] = pair(cell).map((genre) => genres[genre]);
      cell.tabIndex = n ? -1 : 0;
      cell.title = `${truth} named ${guess}`;
      cell.setAttribute("aria-label", `${cell.textContent}: ${truth} named ${guess}`);
      cell.setAttribute("aria-expanded", false);
    });
    const go = (cell) => {
      cells.forEach((each) => { each.tabIndex = each === cell ? 0 : -1; });
      cell.focus();
    };
    const open = (cell) => {
      const [t, g] = pair(cell);
      const behind = songs.filter((song) => song.t === t && song.g === g);
      const n = Number(cell.textContent);
      head.textContent = `${n} ${n === 1 ? "song" : "songs"} of ${genres[t]} named ${genres[g]}`;
      list.replaceChildren(...behind.map((song) => {
        const item = document.createElement("li");
        const sure = document.createElement("span");
        sure.className = "soft";
        sure.textContent = ` ${song.c}\u202f% sure`;
        item.append(groove.song(song), sure);
        return item;
      }));
      const more = n - behind.length;
      rest.textContent = more > 0 ? `${more} more of these songs are not listed: the page would be too large.` : "";
      groove.all("button[aria-expanded=true]", table).forEach((each) => each.setAttribute("aria-expanded", false));
      cell.setAttribute("aria-expanded", true);
      from = cell;
      panel.hidden = false;
      head.focus();
    };
    // Left and right go through all counts; up and down to the nearest of another row.
    table.addEventListener("keydown", (event) => {
      const cell = event.target.closest("button");
      const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      if (!cell || !step) return;
      event.preventDefault();
      const number = cells.indexOf(cell);
      if (event.key === "ArrowLeft" || event.key === "ArrowRight") return go(cells[number + step] ?? cell);
      const [row, column] = at(cell);
      const rows = cells.map((each) => ({ each, away: (at(each)[0] - row) * step, aside: Math.abs(at(each)[1] - column) }));
      const ahead = rows.filter(({ away }) => away > 0).sort((a, b) => a.away - b.away || a.aside - b.aside);
      go(ahead[0]?.each ?? cell);
    });
    table.addEventListener("click", (event) => {
      const cell = event.target.closest("td button");
      if (cell) { go(cell); open(cell); }
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { panel.hidden = true; from.setAttribute("aria-expanded", false); go(from); }
    });
  });
})();
