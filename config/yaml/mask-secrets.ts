/** A setting whose name says that it holds a secret, and what follows on the line. */
const secretSetting =
  /((?:^|[\s{,])["']?(?!keys\b)\w*(?:_key|\bkey|secret|password|passphrase|passwd|token|credentials?)\w{0,2}["']?\s*:\s*)(?!["']?(?:env|file):)(\S.*)$/i
const urlCredentials = /(:\/\/)[^\s/@]+@/g

/**
 * A source line as it may be shown. Whoever writes a secret where a reference belongs must not find it again in a
 * terminal or a CI log, whatever else is wrong on the line; so this looks at names and needs no parsed document.
 */
export function maskSecrets(line: string): string {
  return line.replace(secretSetting, '$1***').replace(urlCredentials, '$1***@')
}
