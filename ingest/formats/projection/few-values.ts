/** A field with more values, or longer ones, has many. */
const valuesMax = 16
const lengthMax = 64
/** Hints for such values; those of remembered texts are below. */
const firstHint = (1 << 17) + 1

/** Which fields have few values, and the hints of these. A field that once had many has them for good. */
export class FewValues {
  readonly #values = new Map<number, Map<string, number> | 'many'>()
  readonly #onMany: () => void
  #hints = firstHint

  /** `onMany` is told when a field turns out to have many. */
  constructor(onMany: () => void) {
    this.#onMany = onMany
  }

  /** The hint of a field's value, which counts from now on; `undefined` when the field has many. */
  hintOf(place: number, text: string): number | undefined {
    const few = this.#values.get(place) ?? new Map<string, number>()
    if (few === 'many') return undefined
    this.#values.set(place, few)
    const known = few.get(text)
    if (known !== undefined) return known
    if (few.size < valuesMax && text.length <= lengthMax) {
      few.set(text, this.#hints)
      return this.#hints++
    }
    this.setMany(place)
    return undefined
  }

  setMany(place: number): void {
    if (this.#values.get(place) === 'many') return
    this.#values.set(place, 'many')
    this.#onMany()
  }
}
