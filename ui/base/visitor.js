// @ts-check
// Keeps the visitor's secret in this browser, so that a reload finds the visitor's runs again.

const SECONDS = 180 * 24 * 3600

/** @param {Mount<{ cookie: string, secret: string }>} mount */
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : ""
  document.cookie = `${data.cookie}=${data.secret}; path=/; max-age=${SECONDS}; SameSite=Lax${secure}`
}
