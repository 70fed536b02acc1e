import { parseJson } from '../../common/index.js';
import { ARGUMENTS_MAX_CHARS, ModelError, type ModelToolCall } from '../chat-model.js';
import type { CallFragment } from './chunk.js';
import { readToolName } from '../server/tool-names.js';

/** A model that calls more tools than this in one turn has gone wrong. */
const MAX_CALLS = 128;

interface OpenCall {
  index: number | undefined;
  id: string;
  name: string;
  arguments: string;
  fields: Record<string, unknown>;
}

/**
 * Assembles tool calls from their fragments. A name starts a call, unless it repeats the name of an unfinished one; an
 * id alone never does. A fragment without a name continues the call with its id, else the one with its index, else the
 * last.
 */
export class CallAssembly {
  private readonly calls: OpenCall[] = [];
  /** What arrived before any call: its name is yet to come. */
  private early: OpenCall | undefined;
  /** Ids that arrived alone, by index. */
  private readonly ids = new Map<number | undefined, string>();

  /** @param tools names of the tools offered to the model. */
  constructor(private readonly tools: readonly string[]) {}

  /** True while no call has arrived. */
  get isEmpty(): boolean {
    return this.calls.length === 0;
  }

  /** Takes a fragment. @returns the call that it belongs to, as far as it has arrived. */
  take(fragment: CallFragment): { name: string; chars: number } | undefined {
    const call = fragment.name === '' ? this.continued(fragment) : this.named(fragment);
    if (!call) return undefined;
    append(call, fragment);
    return { name: readToolName(call.name), chars: call.arguments.length };
  }

  /** The calls in the order of arrival. `fields` is what the provider attached to each. */
  end(): (ModelToolCall & { fields: Record<string, unknown> })[] {
    if (this.early && this.early.arguments.trim() !== '') this.calls.unshift(this.early); // the model is told of it
    return this.calls.map(({ index: _index, ...call }) => ({ ...call, name: readToolName(call.name) }));
  }

  private named(fragment: CallFragment): OpenCall {
    const repeated = this.calls.findLast((call) => repeats(fragment, call));
    if (repeated) return repeated;
    const torn = this.torn(fragment);
    if (torn) return torn;
    if (this.calls.length >= MAX_CALLS) throw tooMany();
    const { index, name } = fragment;
    const id = this.ids.get(index) ?? '';
    const fresh = { index, id: fragment.id === '' ? id : '', name, arguments: '', fields: {} };
    const call = this.early ? Object.assign(this.early, { name, index }) : fresh;
    this.early = undefined;
    this.ids.delete(index);
    this.calls.push(call);
    return call;
  }

  /**
   * The call whose name this continues: what it has so far is not a tool's name, but becomes one, or the beginning of
   * one.
   */
  private torn({ index, id, name }: CallFragment): OpenCall | undefined {
    const call = this.calls.findLast((each) => each.index === index);
    if (!call || call.arguments !== '' || (id !== '' && id !== call.id)) return undefined;
    if (this.tools.includes(readToolName(call.name))) return undefined;
    const whole = [name, call.name + name].find(
      (each) => each.startsWith(call.name) && this.tools.some((tool) => tool.startsWith(readToolName(each))),
    );
    return whole === undefined ? undefined : Object.assign(call, { name: whole });
  }

  private continued(fragment: CallFragment): OpenCall | undefined {
    const { id, index } = fragment;
    const ofId = id === '' ? undefined : this.calls.findLast((call) => call.id === id);
    const ofIndex = index === undefined ? undefined : this.calls.findLast((call) => call.index === index);
    if (!ofId && !ofIndex && isIdAlone(fragment)) {
      this.ids.set(index, id);
      return undefined;
    }
    if (this.isEmpty) return (this.early ??= { index, id, name: '', arguments: '', fields: {} });
    return ofId ?? ofIndex ?? this.calls.at(-1);
  }
}

/** Servers that repeat the name with every fragment, and those that repeat a finished call. */
function repeats(fragment: CallFragment, call: OpenCall): boolean {
  if (fragment.name !== call.name) return false;
  const sameIndex = fragment.index === call.index;
  if (fragment.id !== '' && fragment.id === call.id) {
    return !isComplete(call.arguments) || fragment.arguments === '' || fragment.arguments === call.arguments;
  }
  const idMissing = fragment.id === '' || call.id === '';
  return sameIndex && idMissing && (!isComplete(call.arguments) || fragment.arguments === '');
}

function append(call: OpenCall, { id, name, arguments: text, isWhole, fields }: CallFragment): void {
  const isAgain = name !== '' && text === call.arguments && isComplete(text);
  call.id ||= id;
  Object.assign(call.fields, fields);
  if (isWhole) call.arguments = text;
  else if (!isAgain)
    call.arguments += text.slice(0, Math.max(0, ARGUMENTS_MAX_CHARS + 1 - call.arguments.length));
}

function isComplete(text: string): boolean {
  return text.trimEnd().endsWith('}') && parseJson(text) !== undefined;
}

function isIdAlone({ id, arguments: text, fields }: CallFragment): boolean {
  return id !== '' && text === '' && Object.keys(fields).length === 0;
}

function tooMany(): ModelError {
  const message = `The model called more than ${MAX_CALLS} tools at once.`;
  return new ModelError('model_stream_broken', message, { retryable: true });
}
