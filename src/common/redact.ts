const REMOVED = '[redacted]';

/** Anything shorter is not a secret, and would match in ordinary words. */
const SECRET_MIN_CHARS = 8;

/** What credentials look like: pattern → replacement. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  // https://user:password@host
  [/(\/\/)[^\s/@"']+@/g, `$1${REMOVED}@`],
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${REMOVED}`],
  // JSON Web Tokens
  [/\beyJ[\w-]{6,}\.[\w-]+(\.[\w-]*)?/g, REMOVED],
  // Keys, by the prefixes of the providers that issue them; a provider may have masked the middle with stars.
  [
    /\b(sk|pk|rk|rp[alrs]?|gsk|xai|hf|csk|nvapi|pplx|r8|fw|tgp|ghp|gho|ghs|github_pat)[-_][\w*.…-]{6,}/g,
    REMOVED,
  ],
  [/\b(AIza[\w-]{20,}|AKIA[A-Z0-9]{12,}|ya29\.[\w-]{10,})/g, REMOVED],
  // ?key=…, "api_key": "…", password=…; a number is a count, as in `token: 42`
  [
    /\b((?:x-)?(?:api[-_ ]?key|access[-_]?key|access[-_]?token|auth[-_]?token|authorization|client[-_]?secret|password|passwd|secret|signature|sig|ticket|token|key)["']?\s*[:=]\s*["']?)(?!\d+\b|\[redacted\])[^\s"',;&}]{4,}/gi,
    `$1${REMOVED}`,
  ],
];

/**
 * Somebody else's text without anything that looks like a credential.
 * @param secrets are removed wherever they occur, including URL-encoded.
 */
export function redactSecrets(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets.filter(({ length }) => length >= SECRET_MIN_CHARS)) {
    clean = clean.replaceAll(secret, REMOVED).replaceAll(encodeURIComponent(secret), REMOVED);
  }
  for (const [pattern, replacement] of CREDENTIALS) clean = clean.replace(pattern, replacement);
  return clean;
}
