import { type FormatId, formatIds, formats } from './formats.ts'

/** The format of a source told from its first lines, or why none could be told. */
export type Detected =
  | { readonly outcome: 'detected'; readonly format: FormatId; readonly confidence: number }
  | { readonly outcome: 'unknown'; readonly detail: string }

/** Below it too few lines fit: one good line in twenty is enough, for a log may begin with rubbish. */
const confidenceMin = 0.05

/**
 * Chooses the format with the highest mean confidence over the lines; blank ones don't count. Fifty lines are plenty.
 * The caller hands in whole lines: a line cut at the end of a buffer is no evidence.
 */
export function detectFormat(lines: readonly string[]): Detected {
  const samples = lines.filter((line) => line.trim() !== '')
  if (samples.length === 0) return { outcome: 'unknown', detail: 'no line to tell the format from' }
  let best: { readonly format: FormatId; readonly confidence: number } | undefined
  for (const format of formatIds) {
    const sum = samples.reduce((total, line) => total + confidenceOf(format, line), 0)
    const confidence = sum / samples.length
    if (best === undefined || confidence > best.confidence) best = { format, confidence }
  }
  if (best !== undefined && best.confidence >= confidenceMin) return { outcome: 'detected', ...best }
  const known = formatIds.join(', ')
  return { outcome: 'unknown', detail: `none of ${samples.length} lines fits; name the format: ${known}` }
}

/** A line that a format chokes on is none of its lines. */
function confidenceOf(format: FormatId, line: string): number {
  try {
    return formats[format].confidence(line)
  } catch {
    return 0
  }
}
