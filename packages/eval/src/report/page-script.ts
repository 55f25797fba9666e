/** The one script of the page: sorting, searching and filtering. Everything can be read without it. Nothing is fetched. */
export const PAGE_SCRIPT = `
'use strict';
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.tabIndex = 0;
    head.classList.add('sorts');
    const sort = () => {
      const up = head.getAttribute('aria-sort') === 'descending';
      heads.forEach((other) => other.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      const value = (row) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        const order = Number.isNaN(Number(x)) || Number.isNaN(Number(y)) ? y.localeCompare(x) : Number(y) - Number(x);
        return up ? -order : order;
      });
      table.tBodies[0].append(...rows);
    };
    head.addEventListener('click', sort);
    head.addEventListener('keydown', (event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); sort(); } });
  });
}
const filters = document.querySelector('.filters');
if (filters) {
  filters.hidden = false;
  const [find, missed, differ, shown] = ['find', 'missed', 'differ', 'shown'].map((id) => document.getElementById(id));
  const rows = [...document.querySelectorAll('.arena-heat .heat-row')];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const apply = () => {
    const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, index) => {
      const flags = (row.dataset.flags ?? '').split(' ');
      const fits = words.every((word) => texts[index].includes(word)) && (!missed.checked || flags.includes('missed')) && (!differ.checked || flags.includes('differ'));
      row.hidden = !fits;
      if (fits) count += 1;
    });
    shown.textContent = count === rows.length ? '' : count + ' of ' + rows.length;
  };
  for (const control of [find, missed, differ]) control.addEventListener('input', apply);
}
`;
