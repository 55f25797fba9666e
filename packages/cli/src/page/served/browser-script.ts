/**
 * What runs in the browser of a served page: when something happened, the page is asked for again, and what stands in `[data-live]` is
 * replaced. A form that a person is writing in is left alone. Without scripts every page is complete; it only does not move by itself.
 */
export const BROWSER_SCRIPT = `'use strict';
const state = document.querySelector('[data-connection]');
const wanted = document.querySelector('[data-incident]')?.dataset.incident;
let last = 0, timer = 0, isBusy = false, isAgain = false;
const say = (text, isBad) => { if (state) { state.textContent = text; state.classList.toggle('fail', isBad); } };
const isWritten = (part) => part.contains(document.activeElement) && /^(TEXTAREA|INPUT|BUTTON|SELECT)$/.test(document.activeElement.tagName)
  || [...part.querySelectorAll('textarea, input[type=text]')].some((field) => field.value !== field.defaultValue);
const refresh = async () => {
  if (isBusy) { isAgain = true; return; }
  isBusy = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    if (answer.redirected) { location.href = answer.url; return; }
    if (!answer.ok) { say('the page could not be renewed: ' + answer.status, true); return; }
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of document.querySelectorAll('[data-live]')) {
      const fresh = next.querySelector('[data-live="' + part.dataset.live + '"]');
      if (!fresh || part.innerHTML === fresh.innerHTML) continue;
      if (isWritten(part)) { part.classList.add('stale'); continue; }
      const open = new Set([...part.querySelectorAll('details[open] > summary')].map((one) => one.textContent));
      part.replaceChildren(...fresh.childNodes);
      for (const one of part.querySelectorAll('details > summary')) if (open.has(one.textContent)) one.parentElement.open = true;
    }
    document.title = next.title;
    say('live', false);
  } catch { say('connection lost, trying again', true); }
  finally { isBusy = false; if (isAgain) { isAgain = false; soon(); } }
};
const soon = () => { clearTimeout(timer); timer = setTimeout(refresh, 150); };
const listen = () => {
  const events = new EventSource('/api/v1/events' + (wanted ? '?incident=' + encodeURIComponent(wanted) : ''));
  const heard = (event) => { const id = Number(event.lastEventId); if (id > last) { last = id; soon(); } };
  for (const type of ['entry', 'progress', 'notice', 'pause', 'looked']) events.addEventListener(type, heard);
  events.onopen = () => { say('live', false); if (last > 0) soon(); };
  events.onerror = () => {
    say('connection lost, trying again', true);
    // A server that is back may not know us any more: then the page leads to where one signs in.
    if (events.readyState === EventSource.CLOSED) { soon(); setTimeout(listen, 2000); }
  };
};
if (document.body.dataset.listen) listen();
for (const slider of document.querySelectorAll('input[type=range]')) {
  const shown = document.querySelector('output[for=' + slider.id + ']');
  slider.addEventListener('input', () => { if (shown) shown.textContent = slider.value + ' min ago'; });
  slider.addEventListener('change', () => slider.form.submit());
}
`;
