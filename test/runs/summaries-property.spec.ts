import fc from 'fast-check';
import { startTestApp } from '../support/app.js';
import { Client, openDatabase } from '../support/client.js';
import { numbersIn, SummingModel, type Given } from '../support/summing-model.js';
import { until } from '../support/until.js';

/** Where a question stands: after the newest one, or after, or in the place of, one of those before. */
type Place = { kind: 'next' } | { kind: 'after' | 'instead'; of: number } | { kind: 'retry'; of: number };

interface Step {
  place: Place;
  /** Characters of the question. */
  length: number;
  /** The model refuses the question for good: no later request has it. */
  isRefused: boolean;
}

const place: fc.Arbitrary<Place> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Place>({ kind: 'next' }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('after', 'instead', 'retry'),
      of: fc.nat(),
    }),
  },
);
const step: fc.Arbitrary<Step> = fc.record({
  place,
  length: fc.oneof({ weight: 5, arbitrary: fc.constant(10) }, fc.integer({ min: 10, max: 6000 })),
  isRefused: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
});
const history = fc.record({
  messages: fc.integer({ min: 1, max: 8 }),
  tokens: fc.constantFrom(800, 1200, 16_000),
  steps: fc.array(step, { minLength: 8, maxLength: 24 }),
  /** Of each summary in turn, whether it fails. */
  fails: fc.infiniteStream(fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true))),
});

interface Asked {
  id: string;
  number: number;
  /** Numbers of the questions before it on its branch, oldest first. */
  before: number[];
}

/** What a request was given of the conversation before its question. */
function check({ summary, window }: Given, before: readonly number[]): void {
  // Never twice, and nothing from another branch.
  expect(new Set([...summary, ...window]).size).toBe(summary.length + window.length);
  // What is covered is the beginning; what is passed whole is the end. Between them is what is not summarised yet.
  expect(summary).toEqual(before.slice(0, summary.length));
  expect(window).toEqual(window.length === 0 ? [] : before.slice(-window.length));
}

class Talk {
  readonly asked: Asked[] = [];
  private constructor(
    private readonly client: Client,
    private readonly model: SummingModel,
    private readonly chat: string,
  ) {}

  static async begin(client: Client, model: SummingModel): Promise<Talk> {
    return new Talk(client, model, await client.newChat());
  }

  async say({ place, length, isRefused }: Step): Promise<Asked> {
    const number = this.asked.length;
    if (isRefused) this.model.refused.add(number);
    const other = 'of' in place ? this.asked[place.of % Math.max(1, number)] : undefined;
    const content = `#${number}# ${'x'.repeat(length)}`;
    const kind = other ? place.kind : 'next';
    const last = this.asked.at(-1);
    const next = last ? [...last.before, last.number] : [];
    if (kind === 'retry') return this.again(other!);
    const more =
      kind === 'after' ? { parent_message_id: other!.id } : kind === 'instead' ? { edit_of: other!.id } : {};
    const before =
      kind === 'after' ? [...other!.before, other!.number] : kind === 'instead' ? other!.before : next;
    return this.finish(await this.client.send(this.chat, content, more), number, before);
  }

  /** Asked again with the same words, it has the same number; it is checked, and not built upon. */
  private async again(other: Asked): Promise<Asked> {
    const first = this.given(other.number);
    const { body } = await this.client.post(`/api/messages/${other.id}/retry`);
    await this.client.ended(body);
    const again = this.given(other.number);
    if (first && again) expect(again).toEqual(first);
    // What follows stands on the retry now: a branch of its own, in the same place.
    const asked = { ...other, id: body.message_id as string };
    this.asked.push(asked);
    return asked;
  }

  private async finish(created: any, number: number, before: number[]): Promise<Asked> {
    await this.client.ended(created);
    const asked = { id: created.message_id as string, number, before };
    this.asked.push(asked);
    const given = this.given(number);
    if (given) check(given, this.answerable(before));
    return asked;
  }

  given(number: number): Given | undefined {
    return this.model.of(number);
  }

  answerable(numbers: readonly number[]): number[] {
    return numbers.filter((number) => !this.model.refused.has(number));
  }
}

it('every exchange is passed whole, or covered by the summary, or left out until it is summarised: never twice', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ messages, tokens, steps, fails }) => {
      const model = await SummingModel.start();
      const app = await startTestApp({
        ...model.env,
        HISTORY_SUMMARIES: 'auto',
        HISTORY_MAX_MESSAGES: String(messages),
        HISTORY_MAX_TOKENS: String(tokens),
        MODEL_RETRIES: '0',
      });
      const database = await openDatabase(app);
      const summaries = database.connection.collection('conversation_summaries');
      try {
        model.failsNext = () => fails.next().value as boolean;
        const talk = await Talk.begin(new Client(app.url), model);
        for (const one of steps) await talk.say(one);
        // Once summaries succeed, nothing is left out any more.
        model.failsNext = () => false;
        const last: Step = { place: { kind: 'next' }, length: 10, isRefused: false };
        await until('nothing is left out', async () => {
          const { number, before } = await talk.say(last);
          const { summary, window } = talk.given(number)!;
          if (summary.length + window.length === talk.answerable(before).length) return true;
          await until('more is summarised', async () => {
            const stored = await summaries.find({ text: { $exists: true } }).toArray();
            return stored.some(({ text }) => numbersIn(text as string).length > summary.length);
          });
          return false;
        });
      } finally {
        await database.close();
        await app.destroy();
        await model.stop();
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 6), endOnFailure: true },
  );
}, 240_000);
