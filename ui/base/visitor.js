// @ts-check
// Keeps the visitor's secret in this browser, so that a reload finds the visitor's runs again.

/** @param {Mount<{ cookie: string, secret: string, seconds: number }>} mount */
export default function ({ data }) {
  const secure = location.protocol === "https:" ? "; Secure" : ""
  document.cookie = `${data.cookie}=${data.secret}; path=/; max-age=${data.seconds}; SameSite=Lax${secure}`
}
