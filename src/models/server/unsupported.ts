import type { ModelDelta } from '../chat-model.js';
import { namedParameters, readCause, type Refusal } from './refusal.js';

/** Parts of a request that a server may not accept, and that an answer can do without. */
export const OPTIONAL_PARTS = [
  'stream_options',
  'tools',
  'parallel_tool_calls',
  'reasoning_content',
  'extra_content',
  'system_role',
  'images',
  'temperature',
  'top_p',
  'seed',
  'stop',
  'reasoning_effort',
  'max_tokens',
  'max_completion_tokens',
  'thinking',
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

const IMAGES =
  /(?:not|n't) (?:currently |yet )?(?:support|accept|have|process|handle)(?:ed|s)? (?:\w+ ){0,2}(?:images?|image_url|image input|vision|multimodal)|(?:images?|image_url|vision|image input)['"`]?s?(?: content| parts?| type)? (?:is|are) (?:only|not|un)|no (?:endpoints?|providers?|models?)[^.]{0,40} support(?:s|ing)? image|(?:unknown|unsupported|invalid)[^.]{0,60}image_url|expected [^.]{0,40}text[^.]{0,40}image_url|mmproj/i;

/** Two that some models accept only one at a time. */
const ONE_OF_TWO =
  /temperature\b[^.]{0,20}\band\b[^.]{0,20}top_p[^.]{0,40}both|both[^.]{0,40}temperature[^.]{0,20}top_p/i;

/** A model that cannot write as much. */
const TOO_MANY_TOKENS = /max_tokens: \d+ > \d+/;
const THINKING =
  /\bthinking\b[^.]{0,60}(?:not supported|not support|n't support)|not support[^.]{0,30}\bthinking/i;

/** How a model chooses its words; a server names them in quotation marks, or as the wrong parameter. */
const CHOICE_OF_WORDS = [
  'temperature',
  'top_p',
  'seed',
  'stop',
  'reasoning_effort',
  'max_completion_tokens',
  'max_tokens',
  'thinking',
] as const;
/** The same under the name that Anthropic's API has for it. */
const OTHER_NAMES: Readonly<Record<string, OptionalPart>> = {
  disable_parallel_tool_use: 'parallel_tool_calls',
  stop_sequences: 'stop',
  'output_config.effort': 'reasoning_effort',
  output_config: 'reasoning_effort',
  effort: 'reasoning_effort',
};

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
  if (IMAGES.test(said)) return 'images';
  if (ONE_OF_TWO.test(said)) return 'top_p';
  if (TOO_MANY_TOKENS.test(said)) return 'max_tokens';
  if (THINKING.test(said)) return 'thinking';
  const words = NOT_TAKEN.test(said) ? choiceOfWords(said, parameters) : undefined;
  if (words) return words;
  const isTools = parameters.some((path) => /^(?:body\.)?(?:tools|tool_choice|functions)$/.test(path));
  if ((isTools && NOT_TAKEN.test(said)) || TOOLS.some((pattern) => pattern.test(said))) return 'tools';
  return SYSTEM_ROLE.test(said) ? 'system_role' : undefined;
}

/** The first that is named: a sentence may advise another one ("Use 'max_completion_tokens' instead"). */
function choiceOfWords(said: string, parameters: readonly string[]): OptionalPart | undefined {
  const known: readonly string[] = [...CHOICE_OF_WORDS, ...Object.keys(OTHER_NAMES)];
  const quoted = [...said.matchAll(/['"`]([a-z_.]{3,40})['"`]|^([a-z_.]{3,40}):/g)].map(
    ([, a, b]) => a ?? b ?? '',
  );
  const named = [...parameters.map((path) => path.replace(/^body\./, '')), ...quoted].find((each) =>
    known.includes(each),
  );
  return named === undefined ? undefined : (OTHER_NAMES[named] ?? (named as OptionalPart));
}

/** Tells that a part of the request is left out. */
export function leftOut(part: OptionalPart): ModelDelta {
  return { type: 'status', text: explain(part), once: true, left_out: part };
}

/** What a user is told when a part is left out for the first time. */
export function explain(part: OptionalPart): string {
  if (part === 'tools')
    return 'The model does not accept tools: it answers without them and cannot look anything up.';
  if (part === 'images') return 'The model does not accept images: it answers without them.';
  const lost = part === 'stream_options' ? ' The tokens used may not be reported.' : '';
  return `The model's server does not accept \`${part}\`: retrying without it.${lost}`;
}
