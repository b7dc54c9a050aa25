/** One segment of a configured template: fixed text, or a parameter with text around it. */
export type TemplateSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly prefix: string; readonly suffix: string }

export interface CompiledTemplate {
  readonly route: string
  readonly segments: readonly TemplateSegment[]
}

/** Configured and OpenAPI templates, ready to match. Build it with `compileRoutes`. */
export interface RouteTable {
  /** The most specific template that matches the decoded segments. */
  match(segments: readonly string[]): CompiledTemplate | undefined
}

/**
 * Compiles templates such as `/orders/{id}`, `/orders/:id` or `/files/{name}.pdf`. Where several match, the one with
 * the earlier fixed segment wins, as OpenAPI 3.1 section 4.8.8 (Paths Object) asks ("concrete before templated").
 * Throws on a template that can't be one, naming it.
 */
export function compileRoutes(templates: readonly string[]): RouteTable {
  const byShape = new Map<string, CompiledTemplate[]>()
  for (const template of templates) {
    const compiled = compileTemplate(template)
    const first = compiled.segments[0]
    const key = shapeKey(compiled.segments.length, first?.kind === 'literal' ? first.text : undefined)
    byShape.set(key, [...(byShape.get(key) ?? []), compiled].sort(bySpecificity))
  }
  return {
    match(segments) {
      const exact = byShape.get(shapeKey(segments.length, segments[0]))
      return (
        firstMatch(exact, segments) ?? firstMatch(byShape.get(shapeKey(segments.length, undefined)), segments)
      )
    },
  }
}

/** The last parameter's source text in segments that match the template, and where it stands. */
export function lastParameter(
  template: CompiledTemplate,
  segments: readonly string[],
): { readonly id: string; readonly index: number } | undefined {
  for (let index = segments.length - 1; index >= 0; index--) {
    const part = template.segments[index]
    const text = segments[index] ?? ''
    if (part?.kind === 'parameter') {
      return { id: text.slice(part.prefix.length, text.length - part.suffix.length), index }
    }
  }
  return undefined
}

function compileTemplate(template: string): CompiledTemplate {
  if (!template.startsWith('/'))
    throw new Error(`route template ${JSON.stringify(template)}: must start with /`)
  const segments = template
    .split('/')
    .filter((text) => text !== '')
    .map((text) => templateSegment(text, template))
  const route = template.replace(/\/:([A-Za-z_]\w*)/g, '/{$1}')
  return { route, segments }
}

function templateSegment(text: string, template: string): TemplateSegment {
  if (/^:[A-Za-z_]\w*$/.test(text)) return { kind: 'parameter', prefix: '', suffix: '' }
  if (!/[{}]/.test(text)) return { kind: 'literal', text }
  const parts = /^([^{}]*)\{[^{}]+\}([^{}]*)$/.exec(text)
  if (!parts) {
    throw new Error(
      `route template ${JSON.stringify(template)}: ${JSON.stringify(text)} must hold one {parameter} at most`,
    )
  }
  return { kind: 'parameter', prefix: parts[1] ?? '', suffix: parts[2] ?? '' }
}

function shapeKey(length: number, first: string | undefined): string {
  return first === undefined ? `${length}` : `${length}/${first}`
}

function firstMatch(
  templates: readonly CompiledTemplate[] | undefined,
  segments: readonly string[],
): CompiledTemplate | undefined {
  return templates?.find((template) =>
    template.segments.every((part, index) => {
      const text = segments[index] ?? ''
      if (part.kind === 'literal') return part.text === text
      return (
        text.length > part.prefix.length + part.suffix.length &&
        text.startsWith(part.prefix) &&
        text.endsWith(part.suffix)
      )
    }),
  )
}

function bySpecificity(left: CompiledTemplate, right: CompiledTemplate): number {
  for (const [index, part] of left.segments.entries()) {
    const other = right.segments[index]
    const order = rank(part) - rank(other)
    if (order !== 0) return order
  }
  return left.route < right.route ? -1 : 1
}

function rank(part: TemplateSegment | undefined): number {
  if (part?.kind === 'literal') return 0
  return part !== undefined && part.prefix.length + part.suffix.length > 0 ? 1 : 2
}
