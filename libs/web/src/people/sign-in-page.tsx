import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { signIn } from '../api/people.js';
import { provider } from '../api/session.js';
import { Outside } from './outside.js';
import classes from './people.module.css';
import { useAction } from './use-action.js';
import { Wrong } from './wrong.js';

/** Why the way back from the OpenID provider ended here. */
const REASONS: Record<string, string> = {
  not_invited: 'Nobody has invited this address. Ask an administrator of this server.',
  account_disabled: 'This account is disabled. Ask an administrator of this server.',
  email_not_verified: 'Your provider has not verified your email address.',
  failed: 'The login with your provider did not work. Try again.',
};

/** Where people sign in. */
export function SignInPage(): ReactElement {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { isBusy, wrong, run } = useAction();
  const reason = new URLSearchParams(location.search).get('login_error');
  return (
    <Outside title="Sign in">
      <Wrong text={wrong ?? (reason === null ? null : (REASONS[reason] ?? REASONS['failed'] ?? null))} />
      {provider !== null && (
        <>
          <Button component="a" href={`/api/auth/oidc/login?to=${encodeURIComponent(here())}`}>
            Sign in with {provider}
          </Button>
          <span className={classes.or}>or with a password</span>
        </>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(
            () => signIn({ email: email.trim(), password }),
            () => {
              location.replace(here());
            },
          );
        }}
      >
        <TextInput
          label="Email address"
          type="email"
          autoComplete="username"
          required
          autoFocus
          value={email}
          onChange={(event) => {
            setEmail(event.currentTarget.value);
          }}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => {
            setPassword(event.currentTarget.value);
          }}
        />
        <Button type="submit" loading={isBusy} variant={provider === null ? 'filled' : 'default'}>
          Sign in
        </Button>
      </form>
      <p>Forgotten your password, or no account yet? Ask an administrator of this server for a link.</p>
    </Outside>
  );
}

/** Back to where the person wanted to go. */
const here = (): string => location.pathname;
