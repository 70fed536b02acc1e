import type { ResponseOutputMessage, ResponseReasoningItem } from 'openai/resources/responses/responses';
import { responseOf, unfinishedResponseOf } from './response-object.js';
import type { Head, OpenAiState, PlacedCall } from './state.js';
import type { Annotation, ItemEvent, LifecycleType, OutputItem, WireEvent } from './wire.js';

/** What one event of the log becomes: events on the wire, and the state after them. */
export class Draft {
  readonly events: WireEvent[] = [];

  constructor(private at: OpenAiState) {}

  get state(): OpenAiState {
    return this.at;
  }

  /** Changes the state without telling the client. */
  set(change: Partial<OpenAiState>): void {
    this.at = { ...this.at, ...change };
  }

  begin(head: Head): void {
    this.set({ head });
    this.tell('response.created');
    this.tell('response.in_progress');
  }

  /** An event about the response as a whole. */
  tell(type: LifecycleType): void {
    const isEarly = type === 'response.created' || type === 'response.in_progress';
    const response = isEarly ? unfinishedResponseOf(this.at) : responseOf(this.at);
    this.events.push({ type, sequence_number: this.number(), response });
  }

  emit(event: ItemEvent): void {
    this.events.push({ ...event, sequence_number: this.number() });
  }

  /** @returns the item's place. */
  add(item: OutputItem): number {
    const output_index = this.at.items.length;
    this.set({ items: [...this.at.items, item] });
    this.emit({ type: 'response.output_item.added', output_index, item });
    return output_index;
  }

  /** The item as it stays. */
  finish(output_index: number, item: OutputItem): void {
    this.replace(output_index, item);
    this.emit({ type: 'response.output_item.done', output_index, item });
  }

  replace(index: number, item: OutputItem): void {
    this.set({ items: this.at.items.with(index, item) });
  }

  newId(prefix: string): string {
    return `${prefix}_${this.at.head?.message_id ?? ''}_${this.at.items.length}`;
  }

  /** Ends the text or the thinking that goes on. */
  close(annotations: readonly Annotation[] = []): void {
    const { open, items } = this.at;
    const item = open && items[open.index];
    if (!open || !item) return;
    this.set({ open: undefined });
    if (item.type === 'message') this.closeText(open.index, item, annotations);
    else if (item.type === 'reasoning') this.finish(open.index, { ...item, status: 'completed' });
  }

  write(delta: string): void {
    const output_index = this.text();
    const item = this.at.items[output_index] as ResponseOutputMessage;
    const text = textOf(item) + delta;
    this.replace(output_index, { ...item, content: [{ type: 'output_text', text, annotations: [] }] });
    const at = { item_id: item.id, output_index, content_index: 0 };
    this.emit({ type: 'response.output_text.delta', ...at, delta, logprobs: [] });
  }

  think(text: string, parent: string | undefined): void {
    const output_index = this.thinking(parent);
    const item = this.at.items[output_index] as ResponseReasoningItem;
    const at = { item_id: item.id, output_index, summary_index: item.summary.length };
    const part = { type: 'summary_text' as const, text };
    this.replace(output_index, { ...item, summary: [...item.summary, part] });
    this.emit({ type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } });
    this.emit({ type: 'response.reasoning_summary_text.delta', ...at, delta: text });
    this.emit({ type: 'response.reasoning_summary_text.done', ...at, text });
    this.emit({ type: 'response.reasoning_summary_part.done', ...at, part });
  }

  /** Forgets a call. @returns where it was. */
  take(list: 'running' | 'asked', callId: string): PlacedCall | undefined {
    const found = this.at[list].find(({ call_id }) => call_id === callId);
    if (found) this.set({ [list]: this.at[list].filter((one) => one !== found) });
    return found;
  }

  /** @returns the place of the text that goes on, or begins. */
  private text(): number {
    const { open, items } = this.at;
    if (open && items[open.index]?.type === 'message') return open.index;
    this.close();
    const id = this.newId('msg');
    const index = this.add({ id, type: 'message', role: 'assistant', status: 'in_progress', content: [] });
    this.set({ open: { index, parent: undefined } });
    const part = { type: 'output_text' as const, text: '', annotations: [], logprobs: [] };
    const at = { item_id: id, output_index: index, content_index: 0 };
    this.emit({ type: 'response.content_part.added', ...at, part });
    return index;
  }

  private thinking(parent: string | undefined): number {
    const { open, items } = this.at;
    if (open?.parent === parent && open && items[open.index]?.type === 'reasoning') return open.index;
    this.close();
    const item = { id: this.newId('rs'), type: 'reasoning' as const, summary: [] };
    const index = this.add({ ...item, status: 'in_progress' });
    this.set({ open: { index, parent } });
    return index;
  }

  private closeText(index: number, item: ResponseOutputMessage, annotations: readonly Annotation[]): void {
    const text = textOf(item);
    const at = { item_id: item.id, output_index: index, content_index: 0 };
    for (const [annotation_index, annotation] of annotations.entries())
      this.emit({ type: 'response.output_text.annotation.added', ...at, annotation_index, annotation });
    const part = { type: 'output_text' as const, text, annotations: [...annotations], logprobs: [] };
    this.emit({ type: 'response.output_text.done', ...at, text, logprobs: [] });
    this.emit({ type: 'response.content_part.done', ...at, part });
    this.finish(index, { ...item, status: 'completed', content: [part] });
  }

  private number(): number {
    const { next } = this.at;
    this.set({ next: next + 1 });
    return next;
  }
}

/** What a message says. */
export function textOf({ content }: ResponseOutputMessage): string {
  return content.map((part) => (part.type === 'output_text' ? part.text : '')).join('');
}
