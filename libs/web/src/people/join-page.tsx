import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { lookAtLink, takeLink, type LinkPurpose } from '../api/people.js';
import { messageOf } from '../ui/error-text.js';
import { Outside } from './outside.js';
import { useAction } from './use-action.js';
import { Wrong } from './wrong.js';

const PASSWORD_MIN = 10;

const TEXTS = {
  setup: { title: 'Set up this server', button: 'Become its administrator' },
  invitation: { title: 'Welcome', button: 'Join' },
  reset: { title: 'Choose a new password', button: 'Save and sign in' },
} as const;

/** Where links lead: to set up the server, accept an invitation, choose a new password. */
export function JoinPage(): ReactElement {
  const [link] = useState(() => location.hash.slice(1));
  const [purpose, setPurpose] = useState<LinkPurpose | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    lookAtLink(link)
      .then(setPurpose)
      .catch((error: unknown) => {
        setWrong(messageOf(error));
      });
  }, [link]);
  if (wrong !== null)
    return (
      <Outside title="This link does not work">
        <Wrong text={wrong} />
        <Button component="a" href="/" variant="default">
          Sign in
        </Button>
      </Outside>
    );
  if (!purpose) return <Outside title="One moment …">{null}</Outside>;
  return <JoinForm link={link} purpose={purpose} />;
}

function JoinForm({ link, purpose }: { link: string; purpose: LinkPurpose }): ReactElement {
  const { kind } = purpose;
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { isBusy, wrong, run } = useAction();
  const fields = {
    ...(kind === 'setup' && { email: email.trim() }),
    ...(kind !== 'reset' && { name: name.trim() }),
  };
  return (
    <Outside title={TEXTS[kind].title}>
      {purpose.email !== null && (
        <p>
          You are invited as <strong>{purpose.email}</strong>.
        </p>
      )}
      <Wrong text={wrong} />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(
            () => takeLink({ link, password, ...fields }),
            () => {
              location.replace('/');
            },
          );
        }}
      >
        {kind === 'setup' && (
          <TextInput
            label="Email address"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
            }}
          />
        )}
        {kind !== 'reset' && (
          <TextInput
            label="Name"
            autoComplete="name"
            required
            maxLength={200}
            value={name}
            onChange={(event) => {
              setName(event.currentTarget.value);
            }}
          />
        )}
        <PasswordInput
          label="Password"
          description={`At least ${PASSWORD_MIN} characters. A few words that nobody would guess are best.`}
          autoComplete="new-password"
          required
          minLength={PASSWORD_MIN}
          maxLength={200}
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Button type="submit" loading={isBusy}>
          {TEXTS[kind].button}
        </Button>
      </form>
    </Outside>
  );
}
