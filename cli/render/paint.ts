/** What a piece of text means; how that looks is decided here, in one place. */
export type Tone = 'heading' | 'name' | 'good' | 'warning' | 'bad' | 'quiet'

/** Colours text, or leaves it as it is. Its argument must already be safe to print. */
export type Paint = (tone: Tone, text: string) => string

/** Select Graphic Rendition codes (ECMA-48 section 8.3.117). */
const codes: Readonly<Record<Tone, number>> = {
  heading: 1,
  name: 36,
  good: 32,
  warning: 33,
  bad: 31,
  quiet: 2,
}

export const plain: Paint = (_tone, text) => text

export const coloured: Paint = (tone, text) => (text === '' ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`)

/** The parts of a stream that tell whether a person looks at it, and how wide their window is. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  /** Knows of NO_COLOR and of terminals that can't. */
  hasColors?(): boolean
}

/** Colours only where a person looks and did not ask for none (`NO_COLOR`). */
export function paintFor(screen: Screen): Paint {
  return screen.isTTY === true && screen.hasColors?.() === true ? coloured : plain
}
