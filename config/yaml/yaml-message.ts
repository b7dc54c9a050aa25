/** What a person reads for an error of the YAML parser, by its code; other messages are shown as they are. */
const sentences: Readonly<Record<string, { readonly sentence: string; readonly hint?: string }>> = {
  DUPLICATE_KEY: { sentence: 'this setting stands here a second time', hint: 'keep one of them' },
  TAB_AS_INDENT: { sentence: 'a tab indents this line', hint: 'YAML allows spaces only' },
  MULTIPLE_DOCS: {
    sentence: 'a second document starts here',
    hint: 'write one document a file, without `---`',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    sentence: 'a second `key: value` stands on this line',
    hint: "put it on a line of its own, or in quotes if the colon belongs to the text: 'a: b'",
  },
  TAG_RESOLVE_FAILED: { sentence: 'tags are not used here', hint: 'remove the word that starts with !' },
}

/** Says in a sentence what the parser found. */
export function yamlMessage(
  code: string,
  message: string,
): { readonly sentence: string; readonly hint?: string } {
  const known = sentences[code]
  if (known) return known
  if (message.includes('Excessive alias count')) {
    return { sentence: 'aliases repeat their anchors more than 100 times', hint: 'write the values out' }
  }
  if (/^Missing closing .quote$/.test(message)) return { sentence: 'this quote has no end' }
  if (message.startsWith('Missing , or : between flow')) {
    return {
      sentence: 'the list or map in brackets breaks off here',
      hint: 'inside brackets, text with { } [ ] or , needs quotes',
    }
  }
  if (/call stack|out of memory/i.test(message)) return { sentence: 'the values are nested too deep' }
  if (message.startsWith('Unresolved alias')) {
    return { sentence: 'an alias has no anchor', hint: 'put text that starts with * in quotes' }
  }
  // What stands behind the colon is source text, and may be a secret.
  const words = message.split(': ')[0] ?? message
  return { sentence: words.slice(0, 1).toLowerCase() + words.slice(1, 300) }
}
