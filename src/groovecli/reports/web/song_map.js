// A map of songs: hover and focus say which it is, a click or Enter plays it, arrows go to the next dot.
(() => {
  const { songs, genres } = groove.data("judged");
  groove.all(".map").forEach((map) => {
    const said = map.nextElementSibling;
    const dots = groove.all("[data-s]", map);
    const song = (dot) => songs[dot.dataset.s];
    const text = ({ n, t, g }) => `${n}: ${genres[t]}` + (t === g ? "" : `, named ${genres[g]}`);
    const usual = said.textContent;
    dots.forEach((dot, n) => {
      dot.setAttribute("role", "button");
      dot.setAttribute("aria-label", text(song(dot)));
      dot.setAttribute("tabindex", n ? -1 : 0);
    });
    const show = (dot) => {
      dots.forEach((each) => each.classList.toggle("is", each === dot));
      said.textContent = dot ? text(song(dot)) : usual;
    };
    const go = (dot) => {
      dots.forEach((each) => each.setAttribute("tabindex", each === dot ? 0 : -1));
      dot.focus();
    };
    const play = (dot) => {
      const { n, p } = song(dot);
      if (p === null) said.textContent = `${text(song(dot))} (no file there)`;
      else groove.play(p, n);
    };
    const dotOf = (event) => event.target.closest?.("[data-s]");
    map.addEventListener("pointerover", (event) => { if (dotOf(event)) show(dotOf(event)); });
    map.addEventListener("pointerleave", () => show(null));
    map.addEventListener("focusin", (event) => { if (dotOf(event)) show(dotOf(event)); });
    map.addEventListener("click", (event) => { if (dotOf(event)) { go(dotOf(event)); play(dotOf(event)); } });
    // Right and left go through all dots from left to right, up and down from top to bottom.
    const places = dots.map((dot) => [parseFloat(dot.getAttribute("x")), parseFloat(dot.getAttribute("y"))]);
    const sorted = [0, 1].map((axis) => dots.map((_, n) => n).sort((a, b) => places[a][axis] - places[b][axis]));
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1], ArrowDown: [1, 1] };
    map.addEventListener("keydown", (event) => {
      const dot = dotOf(event);
      if (!dot) return;
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); play(dot); return; }
      const [axis, step] = moves[event.key] ?? { Home: [0, -Infinity], End: [0, Infinity] }[event.key] ?? [0, 0];
      if (!step) return;
      event.preventDefault();
      const order = sorted[axis];
      const to = Math.min(Math.max(order.indexOf(dots.indexOf(dot)) + step, 0), dots.length - 1);
      go(dots[order[to]]);
    });
    groove.all("button[data-look]", map.parentNode).forEach((button) => button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      groove.all("button[data-look]", map.parentNode).forEach((each) => each.setAttribute("aria-pressed", on && each === button));
      map.classList.toggle("some", on);
      dots.forEach((dot) => dot.classList.toggle("lit", dot.classList.contains(button.dataset.look)));
    }));
  });
})();
