// What somebody sees who looks at the page: measured, not read from its source.
(() => {
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const saysSomething = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const texts = [...document.body.querySelectorAll('*')].filter(saysSomething).map((element) => ({
    text: element.textContent.trim().slice(0, 40),
    contrast: contrast(parse(getComputedStyle(element).color), ground(element)),
    size: element.getBoundingClientRect().width * element.getBoundingClientRect().height,
  }));
  const bars = [...document.querySelectorAll('.chart .bar')].map((cell) => {
    const bar = cell.querySelector('rect');
    const { width, height } = bar.getBoundingClientRect();
    return {
      count: Number(cell.previousElementSibling.textContent),
      share: width / cell.querySelector('svg').getBoundingClientRect().width,
      width,
      height,
      contrast: contrast(parse(getComputedStyle(bar).fill), ground(cell)),
    };
  });
  return {
    title: document.title,
    ground: luminance(ground(document.body)),
    overflow: document.documentElement.scrollWidth - innerWidth,
    refreshes: document.querySelectorAll('meta[http-equiv=refresh]').length,
    scripts: document.scripts.length,
    texts,
    bars,
  };
})()
