import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Filter } from './use-filter.js';

interface FieldProps<N extends string> {
  filter: Filter<N>;
  name: N;
  label: string;
}

/** A filter that is typed. */
export function TextFilter<N extends string>({
  filter,
  name,
  label,
  type = 'text',
}: FieldProps<N> & { type?: 'text' | 'date' | 'number' }): ReactElement {
  return (
    <TextInput
      size="xs"
      label={label}
      type={type}
      maxLength={200}
      {...(type === 'number' && { min: 1, step: 1 })}
      value={filter.values[name]}
      onChange={({ currentTarget }) => {
        filter.set(name, currentTarget.value);
      }}
    />
  );
}

/** A filter with a few values. */
export function ChoiceFilter<N extends string>({
  filter,
  name,
  label,
  choices,
}: FieldProps<N> & { choices: readonly (readonly [value: string, label: string])[] }): ReactElement {
  return (
    <NativeSelect
      size="xs"
      label={label}
      data={choices.map(([value, text]) => ({ value, label: text }))}
      value={filter.values[name]}
      onChange={({ currentTarget }) => {
        filter.set(name, currentTarget.value);
      }}
    />
  );
}
