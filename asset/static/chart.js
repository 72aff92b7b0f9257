// Draws `data-chart`: {"times":[seconds…],"series":[{"label":"…","tone":"accent","values":[…]}…]}.
import uPlot from './vendor/uplot/uPlot.esm.js'

const charts = new Map()

const WHOLE = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5].map((power) => step * 10 ** power)).sort((a, b) => a - b)

/** Steps between the lines: calls and jobs come whole, and times in what clocks show. */
const INCREMENTS = {
  count: WHOLE,
  ms: [
    ...WHOLE.filter((step) => step <= 20_000),
    ...[0.5, 1, 2, 5, 10, 30, 60, 120, 360, 1_440].map((minutes) => minutes * 60_000),
  ],
}

/** Units by size, and where the next begins. */
const UNITS = {
  ms: [
    ['ms', 1],
    ['s', 1_000],
    ['min', 60_000],
    ['h', 3_600_000],
  ],
  bytes: [
    ['B', 1],
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ],
}

/** A value with the unit that suits it. */
function shown(value, unit) {
  const [name, size] = UNITS[unit]?.findLast(([, from]) => Math.abs(value) >= from) ?? UNITS[unit]?.[0] ?? ['', 1]
  return `${(value / size).toLocaleString('en-US', { maximumFractionDigits: 1 })}${name && ` ${name}`}`
}

const colour = (name) => {
  // Canvas needs a plain colour: let the browser work out what the token means under the present scheme.
  const probe = document.createElement('span')
  probe.className = `tone-${name}`
  document.body.append(probe)
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

function draw(box) {
  const { times, series, unit = 'count' } = JSON.parse(box.dataset.chart)
  const text = (value) => (value === null || value === undefined ? '' : shown(value, unit))
  const ink = colour('idle')
  const line = getComputedStyle(document.querySelector('.card')).borderTopColor
  const step = times.length > 1 ? times[1] - times[0] : 60
  const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const hour = (at) => (at === null || at === undefined ? '' : clock.format(new Date(at * 1_000)))
  const axis = {
    stroke: ink,
    font: '11px system-ui',
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
  }
  charts.get(box)?.destroy()
  const chart = new uPlot(
    {
      width: box.clientWidth,
      height: 190,
      cursor: { y: false, points: { size: 6 } },
      legend: { live: true },
      scales: {
        x: { range: () => [times[0], times.at(-1) + step] },
        y: { range: (_chart, _low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] },
      },
      axes: [
        { ...axis, grid: { show: false }, values: (_chart, splits) => splits.map(hour) },
        { ...axis, size: 62, values: (_chart, splits) => splits.map(text), ...(INCREMENTS[unit] && { incrs: INCREMENTS[unit] }) },
      ],
      series: [
        { label: 'Minute', value: (_chart, at) => hour(at) },
        ...series.map(({ label, tone }) => ({
          label,
          value: (_chart, value) => text(value),
          stroke: colour(tone),
          fill: colour(tone),
          width: 0,
          paths: uPlot.paths.bars({ size: [0.75, 40], align: 1, radius: 0.15 }),
          points: { show: false },
        })),
      ],
    },
    [times, ...series.map(({ values }) => values)],
    box,
  )
  charts.set(box, chart)
}

function drawAll(root) {
  for (const box of charts.keys()) {
    if (box.isConnected) continue
    charts.get(box).destroy()
    charts.delete(box)
  }
  for (const box of root.querySelectorAll('[data-chart]')) draw(box)
}

document.addEventListener('gatehouse:part', (event) => drawAll(event.detail))
addEventListener('resize', () => {
  for (const [box, chart] of charts) chart.setSize({ width: box.clientWidth, height: 190 })
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawAll(document))
drawAll(document)
