/** One thing wrong in a file that a person wrote: where, what, and what to do about it. */
export interface Problem {
  /** As the person named it, or as found in a folder that they named. */
  readonly file: string
  /** From 1; 0 when it is about no place in the file. */
  readonly line: number
  /** From 1, in UTF-16 code units; 0 with the line. */
  readonly col: number
  /** One sentence without a full stop. Never holds the value of a secret. */
  readonly message: string
  readonly hint?: string
  /** The line of the source, secrets masked; absent when there is no text to show. */
  readonly source?: string
  /** How many characters the caret underlines; 1 when absent. */
  readonly length?: number
}

/** In the order in which a person reads: by file, line and column. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((left, right) => {
    if (left.file !== right.file) return left.file < right.file ? -1 : 1
    return left.line - right.line || left.col - right.col
  })
}

/** Everything that can be said about a file which can't be read or is no file. */
export function fileProblem(file: string, message: string, hint?: string): Problem {
  return { file, line: 0, col: 0, message, ...(hint === undefined ? {} : { hint }) }
}
