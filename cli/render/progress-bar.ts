const width = 20

/** How far something is, from 0 to 1: `[######--------------]  30 %`. */
export function progressBar(share: number): string {
  const done = Math.round(Math.min(1, Math.max(0, share)) * width)
  const percent = String(Math.round(share * 100)).padStart(3)
  return `[${'#'.repeat(done)}${'-'.repeat(width - done)}] ${percent} %`
}
