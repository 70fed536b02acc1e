import { z } from 'zod';

type Rule = z.ZodType;

interface Shape {
  type?: string;
  enum?: unknown[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  format?: string;
}

const SHOWN_CHARS = 60;
/** Settings whose value may contain a password or a key: it is never shown. */
const SECRET = /KEY|TOKEN|SECRET|PASSWORD|URI|URL|PROXY|DSN|HEADERS|ENDPOINT/;

/**
 * One sentence about a setting with a wrong value, derived from its rule, so that rules added later are covered as well.
 * @param label what the person wrote: the setting's name, or the argument for it.
 * @param issue what zod found. Its message is shown only if the rule has its own text (a `refine`): the end of a sentence
 * about the setting.
 */
export function faultOf(rule: Rule, label: string, issue: z.core.$ZodIssue, value?: string): string {
  const must = issue.code === 'custom' ? issue.message : mustBe(rule);
  return `${label} ${must}${shown(label, value)}.`;
}

/** What a rule requires, as the end of a sentence. */
export function mustBe(rule: Rule): string {
  const shape = z.toJSONSchema(rule, { io: 'input', unrepresentable: 'any' }) as Shape;
  if (shape.enum) return `must be ${alternatives(shape.enum.map((one) => JSON.stringify(one)))}`;
  if (shape.type === 'integer') return `must be a whole number${range(shape, 1)}`;
  if (shape.type === 'number') return `must be a number${range(shape, 0)}`;
  if (shape.type === 'boolean') return 'must be true or false';
  if (shape.format === 'uri') return `must be a URL${protocols(rule)}`;
  return 'must be a non-empty text as described in docs/settings.md';
}

/** @param step from an excluded bound to the first allowed value; 0: there is none. */
function range({ minimum, exclusiveMinimum, maximum }: Shape, step: number): string {
  const to = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const from = minimum ?? (exclusiveMinimum !== undefined && step > 0 ? exclusiveMinimum + step : undefined);
  if (from !== undefined) return to === undefined ? ` of at least ${from}` : ` from ${from} to ${to}`;
  const above = exclusiveMinimum === undefined ? '' : ` above ${exclusiveMinimum}`;
  return `${above}${to === undefined ? '' : `${above && ' and'} of at most ${to}`}`;
}

/** The protocols of a URL rule, read from its pattern: `^rediss?$` means two. */
function protocols(rule: Rule): string {
  const inner = unwrapped(rule) as { _zod: { def: { protocol?: RegExp } } };
  const match = /^\^(\w+?)(\w)\?\$$/.exec(inner._zod.def.protocol?.source ?? '');
  if (!match) return '';
  const [, short = '', letter = ''] = match;
  return ` that begins with ${short}:// or ${short}${letter}://`;
}

function unwrapped(rule: Rule): Rule {
  const { innerType } = rule._zod.def as { innerType?: Rule };
  return innerType ? unwrapped(innerType) : rule;
}

function alternatives(all: readonly string[]): string {
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} or ${all.at(-1) ?? ''}`;
}

function shown(label: string, value: string | undefined): string {
  if (value === undefined || SECRET.test(label)) return '';
  const text = value.length > SHOWN_CHARS ? `${value.slice(0, SHOWN_CHARS)}…` : value;
  return `, not ${JSON.stringify(text)}`;
}
