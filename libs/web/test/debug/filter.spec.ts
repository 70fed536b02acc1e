import fc from 'fast-check';
import { countTypes, filterRows, NO_FILTER, placeOf, toggleType } from '../../src/debug/model/filter.js';
import { summarise } from '../../src/debug/model/summary.js';
import {
  anyRows,
  content,
  end,
  eventAt,
  rationale,
  rowsOf,
  start,
  status,
  toolEnd,
  toolStart,
} from './a-log.js';

const ROWS = rowsOf(
  [0, start()],
  [1, content('She said "Hello"\nto Ærø')],
  [2, status('Searching')],
  [3, content('bye')],
  [4, end()],
);
const found = (search: string, ...types: string[]): number[] =>
  filterRows(ROWS, { search, types: new Set(types) }).map(({ index }) => index);

describe('the filter', () => {
  it('leaves the log alone while it is empty', () => {
    expect(filterRows(ROWS, NO_FILTER)).toBe(ROWS);
    expect(filterRows(ROWS, { types: new Set(), search: '  ' })).toBe(ROWS);
  });

  it('shows the chosen types', () => {
    expect(found('', 'content')).toEqual([1, 3]);
    expect(found('', 'content', 'end')).toEqual([1, 3, 4]);
    expect(found('bye', 'end')).toEqual([]);
  });

  it('finds text in any field and case, including letters beyond ASCII', () => {
    expect(found('hello')).toEqual([1]);
    expect(found('ÆRØ')).toEqual([1]);
    expect(found('"type":"status"')).toEqual([2]);
    expect(found('processing')).toEqual([0]);
  });

  it('finds a quote as displayed and as written in JSON', () => {
    expect(found('said "Hello"')).toEqual([1]);
    expect(found(String.raw`said \"Hello\"`)).toEqual([1]);
    expect(found('"Hello"\nto')).toEqual([1]);
  });

  it('treats special characters literally', () => {
    expect(found('.*')).toEqual([]);
    expect(found('[')).toEqual([]);
  });

  describe('in text that spans several events', () => {
    const rows = rowsOf(
      [0, start()],
      [1, rationale('I look')],
      [2, content('Zebra')],
      [3, content('fish live')],
      [4, toolStart('a')],
      [5, toolEnd('a')],
      [6, rationale('for it')],
      [7, content(' in\nwarm')],
      [8, content(' ')],
      [9, content(' water. Zeb')],
      [10, content('rafish')],
      [11, end()],
    );
    it.each([
      ['zebrafish', [2, 9]],
      ['fish live in warm', [3]],
      ['LIVE  in warm water', [3]],
      ['in warm', [7]],
      ['warm water', [7]],
      ['I look for it', [1]],
      ['zebrafish dies', []],
      ['rafish', [2, 10]],
    ])('finds %j where it starts', (search, indexes) => {
      expect(filterRows(rows, { types: new Set(), search }).map(({ index }) => index)).toEqual(indexes);
    });

    it('respects the chosen types', () => {
      const search = 'zebrafish';
      expect(filterRows(rows, { types: new Set(['rationale']), search })).toEqual([]);
    });
  });

  it('returns the matching part of the log in order', () => {
    fc.assert(
      fc.property(anyRows, fc.string({ maxLength: 3 }), (rows, search) => {
        const shown = filterRows(rows, { types: new Set(['content', 'status']), search });
        expect(shown).toEqual(rows.filter((row) => shown.includes(row)));
        expect(shown.every(({ event }) => event.type === 'content' || event.type === 'status')).toBe(true);
      }),
    );
  });

  it('counts the events of each type', () => {
    expect([...countTypes(ROWS)]).toEqual([
      ['start', 1],
      ['content', 2],
      ['status', 1],
      ['end', 1],
    ]);
  });

  it('adds and removes a type', () => {
    const once = toggleType(NO_FILTER, 'end');
    expect([...once.types]).toEqual(['end']);
    expect([...toggleType(once, 'end').types]).toEqual([]);
    expect(NO_FILTER.types.size).toBe(0);
  });

  it('finds the position of an event among those shown, or the last one before it', () => {
    const shown = filterRows(ROWS, { types: new Set(['content']), search: '' });
    expect([0, 1, 2, 3, 4].map((index) => placeOf(shown, index))).toEqual([-1, 0, 0, 1, 1]);
    expect(placeOf([], 3)).toBe(-1);
  });
});

describe('the summary of an event', () => {
  it('is one line', () => {
    const told = [
      start(2),
      content('a\nb'),
      content('  '),
      status('x'),
      toolStart('t'),
      toolEnd('t', 'error'),
      end(),
    ];
    expect(told.map((body, seq) => summarise(eventAt(0, seq, body)))).toEqual([
      'assistant starts, attempt 2',
      'a⏎b',
      '␣␣',
      'x',
      'tool_t(x=1)',
      'tool_t failed → done (7 ms)',
      'completed · 1 ms · 15 tokens · m',
    ]);
  });

  it('names the specific fields of an unknown type', () => {
    const strange = { ...eventAt(0, 0, status('')), type: 'weather', sky: 'blue' } as never;
    expect(summarise(strange)).toBe('{"text":"","sky":"blue"}');
  });

  it('counts the plan', () => {
    const item = (id: string, now: 'pending' | 'in_progress' | 'completed') => ({
      id,
      text: `do ${id}`,
      status: now,
    });
    const items = [item('a', 'completed'), item('b', 'in_progress'), item('c', 'pending')];
    expect(summarise(eventAt(0, 0, { type: 'plan', items }))).toBe('1 of 3 done · do b');
  });
});
