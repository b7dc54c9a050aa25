import { eventFieldNames, eventFields } from '../../core/event/event-fields.ts'

/** `docs/events.md`, from the one table of fields. */
export function eventsPage(): string {
  const rows = eventFieldNames.map((name) => {
    const field: { type: string; describe: string; oneOf?: readonly string[] } = eventFields[name]
    const values = field.oneOf ? ` One of ${field.oneOf.map((value) => `\`${value}\``).join(' ')}.` : ''
    return `| \`${name}\` | ${field.type} | ${field.describe}${values} |`
  })
  return `# Events

One record for everything that a gateway or service saw. Dots are nested objects in JSON, and dotted keys are accepted
too. Only \`time\` is required: epoch milliseconds or ISO 8601. Other instants below 1e11 are seconds, else milliseconds.
Unknown fields are ignored; a field of the wrong type is left out and the event kept.

Made from \`core/event/event-fields.ts\` by \`npm run docs\`.

| field | type | meaning |
|---|---|---|
${rows.join('\n')}
`
}
