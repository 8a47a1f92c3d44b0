(() => {
  const form = document.querySelector('.filters');
  if (!form) return;
  const cards = [...document.querySelectorAll('article')];
  const show = () => {
    const value = name => form.elements[name].value;
    form.querySelector('output').value = value('least');
    let shown = 0;
    for (const card of cards) {
      const d = card.dataset;
      card.hidden = (value('benchmark') && d.b !== value('benchmark')) || (value('source') && d.s !== value('source')) ||
        (value('kind') && d.k !== value('kind')) || (value('field') && !d.f.split(' ').includes(value('field'))) ||
        Number(d.p) < Number(value('least'));
      shown += !card.hidden;
    }
    for (const group of document.querySelectorAll('.group'))
      group.hidden = !group.querySelector('article:not([hidden])');
    form.querySelector('.shown').textContent = `${shown.toLocaleString('en')} of ${cards.length.toLocaleString('en')} shown`;
  };
  form.addEventListener('input', show);
  form.hidden = false;
  show();
})();
