const framesMax = 4

/**
 * Names an error by its kind, code and place in the code. Its message is left out, because it may quote the request
 * that caused it.
 */
export function errorPlace(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no error was thrown'
  const { name, message, code, stack = '' } = error as NodeJS.ErrnoException
  // A message may hold line breaks, and so lines that look like frames.
  const end = stack.indexOf(message) + message.length
  const frames = stack.includes(message) ? stack.slice(end).match(/\bat .+/g) : null
  return [code === undefined ? name : `${name} ${code}`, ...(frames?.slice(0, framesMax) ?? [])].join(' ')
}
