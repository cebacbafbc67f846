// Puts new values into plotly charts that stand on the page already. Streamlit mounts a chart
// anew whenever its figure changes, which leaves it blank for a moment; so a live chart keeps one
// figure, and this component moves the values in it, and tells which point was clicked: Streamlit
// knows nothing of the cells of a heat map. window.Plotly is there as soon as Streamlit has drawn
// its first chart.

const CHECK_MS = 200
const wanted = new Map()
const watched = new WeakSet()
let timer = null

const isObject = value => value !== null && typeof value === "object" && !Array.isArray(value)

function merged(old, update) {
  const result = { ...old }
  for (const [name, value] of Object.entries(update)) {
    result[name] = isObject(value) ? merged(isObject(old?.[name]) ? old[name] : {}, value) : value
  }
  return result
}

// Draws what is wanted wherever something else is shown: after new values, and as soon as
// Streamlit has redrawn the chart by itself (another theme, another width).
function draw() {
  for (const [key, update] of wanted) {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`)
    if (!window.Plotly || !plot?.data || plot.data === update.drawn) continue
    if (!watched.has(plot)) {
      watched.add(plot)
      plot.on("plotly_afterplot", draw)
      plot.on("plotly_click", ({ points }) => wanted.get(key)?.click(points[0]))
    }
    update.drawn = plot.data.map((trace, i) => merged(trace, update.traces[i] ?? {}))
    window.Plotly.react(plot, update.drawn, merged(plot.layout, update.layout))
  }
}

export default function ({ data, setTriggerValue }) {
  const { key, traces, layout, clickable } = data
  const click = ({ curveNumber, pointNumber }) => {
    if (clickable) setTriggerValue("clicked", [curveNumber, pointNumber])
  }
  wanted.set(key, { traces, layout, click, drawn: null })
  timer ??= setInterval(draw, CHECK_MS)
  draw()
  return () => {
    wanted.delete(key)
    if (wanted.size === 0) {
      clearInterval(timer)
      timer = null
    }
  }
}
