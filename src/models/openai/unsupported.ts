import { namedParameters, readCause, type Refusal } from '../server/refusal.js';

/** Parts of a request that a server may not accept, and that an answer can do without. */
export const OPTIONAL_PARTS = [
  'stream_options',
  'tools',
  'parallel_tool_calls',
  'reasoning_content',
  'extra_content',
  'system_role',
] as const;

/** One of {@link OPTIONAL_PARTS}. */
export type OptionalPart = (typeof OPTIONAL_PARTS)[number];

/**
 * 500: llama.cpp, for what its chat template does not know. 404: OpenRouter, if no provider of the model accepts
 * tools.
 */
const STATUSES = new Set([400, 404, 405, 415, 422, 500, 501]);

const NOT_TAKEN =
  /unknown|unrecogni[sz]ed|unexpected|unsupported|not (?:be )?(?:supported|permitted|allowed|available|accepted|recogni[sz]ed|valid|enabled)|n't support|not support|forbidden|extra|additional propert|invalid (?:parameter|field|argument|property|key)|no such/i;

const TOOLS: readonly RegExp[] = [
  /(?:not|n't) (?:currently |yet )?support (?:\w+ ){0,2}(?:tools?|functions?)\b/i,
  /(?:tools?|functions?)[- _]?(?:use|usage|calls?|calling|choice)?['"`]? (?:is|are) (?:not|un)[ -]?(?:currently |yet )?(?:supported|available|enabled|allowed|permitted)/i,
  /no (?:endpoints?|providers?|models?)[^.]{0,40} support(?:s|ing)? (?:tool|function)/i,
  /tool choice requires/i,
  /tools? param(?:eter)? requires/i,
  /unsupported param(?:eter)?s?:? ['"`]?(?:tools|tool_choice|functions)\b/i,
  /(?:unknown|unrecogni[sz]ed|unexpected|unsupported|extra)[^.]{0,50}['"`: ](?:tools|tool_choice)(?![\w.[])/i,
  /['"`](?:tools|tool_choice)['"`][^.]{0,40}(?:not supported|not permitted|not allowed|unsupported|unexpected)/i,
  /does not have (?:a )?(?:tool|function)[- ]?(?:use|calling)/i,
];

const SYSTEM_ROLE =
  /system (?:role|message|prompt|instruction)s?[^.]{0,30}(?:not|n't) (?:be )?(?:supported|support|enabled|allowed)|not support[^.]{0,20}['"`]?system['"`]?(?: role| messages?| with|\b)/i;

/** Parts that a server names as they are called in the request. */
const NAMED = ['parallel_tool_calls', 'reasoning_content', 'extra_content'] as const;

/** The part of the request because of which a server rejected it; `undefined`: it was rejected for another reason. */
export function unsupportedPart(refusal: Refusal): OptionalPart | undefined {
  const { status } = refusal;
  if (status !== undefined && !STATUSES.has(status)) return undefined;
  const { message = refusal.text, code = '', type = '' } = readCause(refusal);
  const parameters = namedParameters(refusal);
  const said = [message, code, type, ...parameters].join(' ').slice(0, 2000);
  const names = (word: string): boolean => new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(said);
  if (names('stream_options') || names('include_usage')) return 'stream_options';
  const named = NOT_TAKEN.test(said) ? NAMED.find(names) : undefined;
  if (named) return named;
  const isTools = parameters.some((path) => /^(?:body\.)?(?:tools|tool_choice|functions)$/.test(path));
  if ((isTools && NOT_TAKEN.test(said)) || TOOLS.some((pattern) => pattern.test(said))) return 'tools';
  return SYSTEM_ROLE.test(said) ? 'system_role' : undefined;
}
