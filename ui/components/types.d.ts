// What the page around our scripts offers them: only what they use of it.

/** What Streamlit calls a component's default export with, at its mount and whenever its data change. */
interface Mount<Data> {
  data: Data
  parentElement: HTMLElement
  setTriggerValue(name: string, value: unknown): void
  setStateValue(name: string, value: unknown): void
}

/** A trace or a layout of plotly: values by name. */
type PlotlyValues = Record<string, unknown>

interface PlotlyPoint {
  curveNumber: number
  /** [row, column] in a heat map. */
  pointNumber: number | [number, number]
}

/** An element that plotly has drawn a chart into. */
interface PlotlyElement extends HTMLElement {
  data?: PlotlyValues[]
  layout: PlotlyValues
  on(event: "plotly_afterplot", listener: () => void): void
  on(event: "plotly_click", listener: (event: { points: PlotlyPoint[] }) => void): void
}

interface PictureOptions {
  format: "png" | "svg"
  width: number
  height: number
  scale: number
  filename: string
}

/** There as soon as Streamlit has drawn its first chart. */
// deno-lint-ignore no-var -- only a var is a property of globalThis
declare var Plotly: {
  react(plot: PlotlyElement, data: PlotlyValues[], layout: PlotlyValues): Promise<PlotlyElement>
  downloadImage(plot: PlotlyElement, options: PictureOptions): Promise<string>
} | undefined
