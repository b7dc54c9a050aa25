import { renderTable } from '../cli/render/table.ts'
import { type Figure, isMet, ratioOf, type Target } from './figure.ts'

/** A number as people read it: three digits that count. */
export function shortNumber(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(3)))
}

export function valueText({ outcome, unit }: Pick<Figure, 'outcome' | 'unit'>): string {
  if ('unavailable' in outcome) return 'not available'
  return `${shortNumber(outcome.value)} ${unit}`
}

export function referenceText({ outcome, unit, reference }: Figure): string {
  if ('unavailable' in outcome || outcome.reference === undefined) return ''
  return `${shortNumber(outcome.reference)} ${unit} (${reference ?? 'reference'})`
}

export function ratioText({ outcome }: Pick<Figure, 'outcome'>): string {
  const ratio = ratioOf(outcome)
  return ratio === undefined ? '' : ratio.toFixed(2)
}

export function targetText(target: Target | undefined, unit: string): string {
  if (!target) return ''
  const suffix = target.of === 'value' ? ` ${unit}` : ''
  if (target.atLeast !== undefined) return `≥ ${target.atLeast}${suffix}`
  return target.below === undefined ? '' : `< ${target.below}${suffix}`
}

export function metText(figure: Pick<Figure, 'target' | 'outcome'>): string {
  const met = isMet(figure)
  return met === undefined ? '' : met ? 'met' : 'not met'
}

/** What else is to be known of the number. */
export function noteText({ outcome }: Pick<Figure, 'outcome'>): string {
  return 'unavailable' in outcome ? outcome.unavailable : (outcome.note ?? '')
}

/** Figures for a person at a terminal. */
export function figuresTable(figures: readonly Figure[]): string {
  return renderTable<Figure>(
    figures,
    [
      { heading: 'figure', text: ({ id }) => id },
      { heading: 'value', text: valueText },
      { heading: 'reference', text: referenceText },
      { heading: 'ratio', text: ratioText },
      { heading: 'target', text: ({ target, unit }) => targetText(target, unit) },
      { heading: '', text: metText },
      { heading: 'note', text: noteText, widthMax: 160 },
    ],
    'no figures',
  )
}
