// Saves the charts of the page as pictures, as they stand there: PNG at twice the size, or SVG.

export default function ({ data, parentElement }) {
  parentElement.querySelector(".row")?.remove()
  const row = parentElement.appendChild(document.createElement("div"))
  row.className = "row"
  for (const format of ["png", "svg"]) {
    const button = document.createElement("button")
    button.textContent = data.labels[format]
    button.onclick = () => save(data.keys, format)
    row.append(button)
  }
}

async function save(keys, format) {
  for (const key of keys) {
    const plot = document.querySelector(`.st-key-${key} .js-plotly-plot`)
    if (!plot || !window.Plotly) continue
    const { width, height } = plot.getBoundingClientRect()
    const scale = format === "png" ? 2 : 1
    await window.Plotly.downloadImage(plot, { format, width, height, scale, filename: key })
  }
}
