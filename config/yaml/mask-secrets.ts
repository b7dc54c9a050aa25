/** A setting whose name says that it holds a secret, and what follows on the line. */
const secretSetting =
  /((?:^|[\s{,])["']?(?!keys\b)\w*(?:_key|\bkey|secret|password|passphrase|passwd|token|credentials?)\w{0,2}["']?\s*:)(?:(\s*)(?!["']?(?:env|file):)(\S.*))?\s*$/i
const urlCredentials = /(:\/\/)[^\s/@]+@/g
const hidden = '***'
/** Nothing yet, or only what opens a value: a quote, a bracket, a block indicator. */
const opensOnly = /^\W*$/
/** Lines looked back for the setting that a value on a line of its own belongs to. */
const lookBackMax = 200

/**
 * A line as it may be shown. Whoever writes a secret where a reference belongs must not find it again in a terminal
 * or a CI log, whatever else is wrong with the file; so this looks at names and lines and needs no parsed document.
 */
export function maskSecrets(line: string, before: readonly string[] = []): string {
  if (line.trim() !== '' && belongsToSecret(line, before)) return `${line.slice(0, indentOf(line))}${hidden}`
  const masked = line.replace(secretSetting, (all, setting: string, space = '', value = '') =>
    value === '' ? all : `${setting}${space}${hidden}`,
  )
  return masked.replace(urlCredentials, `$1${hidden}@`)
}

/** True for a line that goes on with the value of a secret setting: right below it, or deeper than it. */
function belongsToSecret(line: string, before: readonly string[]): boolean {
  const isSetting = /^\s*(?:- )?["']?[\w$.-]{1,64}["']?\s*:(?:\s|$)/.test(line)
  let isNext = true
  for (const earlier of before.slice(-lookBackMax).reverse()) {
    if (earlier.trim() === '') continue
    const found = secretSetting.exec(earlier)
    const isDeeper = indentOf(line) > indentOf(earlier)
    if (found && (isDeeper || (isNext && opensOnly.test(found[3] ?? '') && !isSetting))) return true
    if (isDeeper) return false
    isNext = false
  }
  return false
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}
