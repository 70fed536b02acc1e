/** Namespaces that models and servers put before a tool's name; no tool has a dot, colon or slash in its name. */
const NAMESPACE = /^(?:functions?|tools?|default_api|default_functions|namespace)[.:/]+/i;

/**
 * The name that a model means: without its namespace (`functions.search`) and without the tokens of its own format
 * (`<|channel|>commentary to=functions.search`, `search<|channel|>json`).
 */
export function readToolName(raw: string): string {
  const addressed = /\bto=\s*([^\s<]+)/.exec(raw)?.[1];
  let name = addressed ?? withoutTokens(raw);
  for (let shorter = name.replace(NAMESPACE, ''); shorter !== name; shorter = name.replace(NAMESPACE, '')) {
    name = shorter;
  }
  // `search:0` numbers the call, `search()` calls it.
  return name.replace(/(?::\d+|\(\))$/, '').trim();
}

/** The part before the first token; the part after it only if there is nothing before it. */
function withoutTokens(raw: string): string {
  const parts = raw.split(/<\|[^|<>]*\|>/).map((part) => part.trim().replace(/^["'`]+|["'`]+$/g, ''));
  const channel = /^(?:commentary|analysis|final|assistant|json)$/;
  return parts.find((part) => part !== '' && !(parts.length > 1 && channel.test(part))) ?? '';
}
