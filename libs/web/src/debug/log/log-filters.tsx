import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { KeyboardEvent, ReactElement, RefObject } from 'react';
import { isComposing } from '../../ui/composing.js';
import { formatCount, plural } from '../../ui/format.js';
import { useReplay } from '../data/replay.js';
import { NO_FILTER, toggleType } from '../model/filter.js';
import { kindOf } from '../model/kinds.js';
import type { Player } from '../model/player.js';
import type { Row } from '../model/rows.js';
import classes from './event-log.module.css';
import type { Filtering } from './use-filter.js';

/** Goes to the event where the first match starts, from the current one on; stays if that is already a match. */
function toFinding(shown: readonly Row[], player: Player): void {
  const { index } = player.snapshot();
  const next = shown.find((row) => row.index >= index) ?? shown[0];
  if (next) player.seek(next.index);
}

interface LogFiltersProps {
  filtering: Filtering;
  searchBox: RefObject<HTMLInputElement | null>;
}

/** Search and types. */
export function LogFilters({ filtering, searchBox }: LogFiltersProps): ReactElement {
  const { filter, setFilter, counts, shown } = filtering;
  const { rows } = useReplay();
  const isFiltered = filter.types.size > 0 || filter.search.trim() !== '';
  return (
    <div className={classes.filters}>
      <Search filtering={filtering} searchBox={searchBox} />
      <span className={classes.result} role="status">
        {isFiltered
          ? `${formatCount(shown.length)} of ${formatCount(rows.length)}`
          : plural(rows.length, 'event')}
        {isFiltered && (
          <CloseButton
            size="xs"
            ml={4}
            aria-label="Show all events"
            style={{ display: 'inline-flex', verticalAlign: 'middle' }}
            onClick={() => {
              setFilter(NO_FILTER);
            }}
          />
        )}
      </span>
      <div className={classes.chips} role="group" aria-label="Types">
        {[...counts].map(([type, count]) => (
          <button
            key={type}
            type="button"
            className={classes.chip}
            data-kind={kindOf(type)}
            aria-pressed={filter.types.has(type)}
            onClick={() => {
              setFilter((before) => toggleType(before, type));
            }}
          >
            {type} <span className={classes.count}>{formatCount(count)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

function Search({ filtering, searchBox }: LogFiltersProps): ReactElement {
  const { player } = useReplay();
  const { filter, setFilter } = filtering;
  const set = (search: string): void => {
    setFilter((before) => ({ ...before, search }));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      if (filter.search === '') event.currentTarget.blur();
      set('');
    }
    // From the search field directly to the matches.
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault();
      event.currentTarget.blur();
      player.pause();
      toFinding(filtering.shown, player);
      document.getElementById('event-table')?.focus();
    }
  };
  return (
    <TextInput
      ref={searchBox}
      className={classes.search ?? ''}
      size="xs"
      type="search"
      aria-label="Search the log"
      placeholder="Search events and text"
      leftSection={<IconSearch size={14} stroke={1.8} />}
      rightSection={
        filter.search === '' && (
          <Kbd size="xs" visibleFrom="sm">
            /
          </Kbd>
        )
      }
      value={filter.search}
      onChange={(event) => {
        set(event.currentTarget.value);
      }}
      onKeyDown={onKeyDown}
    />
  );
}
