/** Makes the object of a row from its key and the values of its columns. */
export type MakeRow = (key: string, values: Float64Array) => { readonly key: string }

/**
 * Writes a function that makes rows of which the given columns have a value: all of them have one hidden class, which a
 * loop over names could not give. Names are quoted, and come from code.
 */
export function rowMaker(names: readonly string[], isGiven: (column: number) => boolean): MakeRow {
  const members = names.flatMap((name, column) =>
    isGiven(column) ? [`${JSON.stringify(name)}: values[${column}]`] : [],
  )
  return new Function('key', 'values', `return { ${['key', ...members].join(', ')} }`) as MakeRow
}
