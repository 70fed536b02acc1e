import { Button, NativeSelect, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconTrash } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { useCreateToken, useTokens, useWithdrawToken, type PersonalToken } from '../api/people.js';
import { messageOf } from '../ui/error-text.js';
import { formatDay, formatTime } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import { notifyError } from '../ui/notify.js';
import classes from './people.module.css';
import { Secret } from './secret.js';
import { Wrong } from './wrong.js';

/** Personal tokens: create, list, withdraw. */
export function TokensSection(): ReactElement {
  const create = useCreateToken();
  return (
    <section className={classes.section} aria-labelledby="tokens">
      <h2 id="tokens">Personal tokens</h2>
      <p>For programs that act for you. Each is shown once, when you create it.</p>
      <NewToken create={create} />
      <Wrong text={create.error && messageOf(create.error)} />
      {create.data?.token !== undefined && <Secret label="New token" text={create.data.token} />}
      <TokenList />
    </section>
  );
}

function NewToken({ create }: { create: ReturnType<typeof useCreateToken> }): ReactElement {
  const [name, setName] = useState('');
  const [scope, setScope] = useState('read');
  const [days, setDays] = useState('90');
  return (
    <form
      className={classes.row}
      onSubmit={(event) => {
        event.preventDefault();
        const wish = { name: name.trim(), scopes: [scope], expires_in_days: Number(days) || null };
        create.mutate(wish, {
          onSuccess: () => {
            setName('');
          },
        });
      }}
    >
      <TextInput
        className={classes.grow ?? ''}
        label="Name"
        placeholder="Nightly report"
        required
        maxLength={200}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <NativeSelect
        label="May"
        data={[
          { value: 'read', label: 'read' },
          { value: 'write', label: 'read and write' },
        ]}
        value={scope}
        onChange={(event) => {
          setScope(event.currentTarget.value);
        }}
      />
      <NativeSelect
        label="Expires"
        data={[
          { value: '30', label: 'in 30 days' },
          { value: '90', label: 'in 90 days' },
          { value: '365', label: 'in a year' },
          { value: '0', label: 'never' },
        ]}
        value={days}
        onChange={(event) => {
          setDays(event.currentTarget.value);
        }}
      />
      <Button type="submit" loading={create.isPending}>
        Create
      </Button>
    </form>
  );
}

function TokenList(): ReactElement | null {
  const list = useTokens();
  const withdraw = useWithdrawToken();
  if (list.error && !list.data) return <LoadError error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <LateLoader />;
  if (list.data.length === 0) return null;
  const onWithdraw = ({ token_id, name }: PersonalToken): void => {
    modals.openConfirmModal({
      title: 'Withdraw token?',
      centered: true,
      children: <Text size="sm">Programs that use “{name}” stop working at once.</Text>,
      labels: { confirm: 'Withdraw', cancel: 'Keep' },
      confirmProps: { color: 'red.8' },
      onConfirm: () => {
        withdraw.mutate(token_id, {
          onError: (error) => {
            notifyError('The token could not be withdrawn', error);
          },
        });
      },
    });
  };
  return (
    <ul className={classes.list} aria-label="Personal tokens">
      {list.data.map((token) => (
        <li key={token.token_id}>
          <div className={classes.who}>
            <strong dir="auto">{token.name}</strong>
            <span>{describe(token)}</span>
          </div>
          <IconButton
            label={`Withdraw ${token.name}`}
            onClick={() => {
              onWithdraw(token);
            }}
          >
            <IconTrash size={17} stroke={1.7} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

function describe({ scopes, expires_at, last_used_at }: PersonalToken): string {
  const may = scopes.includes('write') ? 'reads and writes' : 'reads';
  const until = expires_at === null ? 'does not expire' : `until ${formatDay(expires_at)}`;
  return `${may} · ${until} · ${last_used_at === null ? 'never used' : `last used ${formatTime(last_used_at)}`}`;
}
