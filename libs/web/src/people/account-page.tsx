import { Button, PasswordInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { changePassword } from '../api/people.js';
import { visitor } from '../api/session.js';
import { PageHeader } from '../shell/page-header.js';
import { notifyError } from '../ui/notify.js';
import { useTitle } from '../ui/use-title.js';
import classes from './people.module.css';
import { leave } from './sign-out.js';
import { TokensSection } from './tokens-section.js';
import { useAction } from './use-action.js';
import { Wrong } from './wrong.js';

/** What people do with their own account. */
export default function AccountPage(): ReactElement {
  useTitle('Account');
  const account = visitor.kind === 'user' ? visitor.account : undefined;
  return (
    <>
      <PageHeader title="Account" />
      <div className={classes.scroller}>
        <div className={classes.column}>
          <section className={classes.section} aria-label="You">
            <h2>{account?.name}</h2>
            <p>{account?.email}</p>
          </section>
          <TokensSection />
          <PasswordSection />
          <section className={classes.section} aria-labelledby="everywhere">
            <h2 id="everywhere">Sign out everywhere</h2>
            <p>Ends your logins in all browsers and programs. Personal tokens stay.</p>
            <div>
              <Button
                variant="default"
                onClick={() => {
                  leave(true).catch((error: unknown) => {
                    notifyError('You could not be signed out', error);
                  });
                }}
              >
                Sign out everywhere
              </Button>
            </div>
          </section>
        </div>
      </div>
    </>
  );
}

function PasswordSection(): ReactElement {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [isDone, setDone] = useState(false);
  const { isBusy, wrong, run } = useAction();
  const onDone = (): void => {
    setCurrent('');
    setWanted('');
    setDone(true);
  };
  return (
    <section className={classes.section} aria-labelledby="password">
      <h2 id="password">Password</h2>
      <p role="status">
        {isDone ? 'Your password is changed.' : 'When you change it, your other logins end.'}
      </p>
      <Wrong text={wrong} />
      <form
        className={classes.row}
        onSubmit={(event) => {
          event.preventDefault();
          setDone(false);
          run(() => changePassword({ current_password: current, new_password: wanted }), onDone);
        }}
      >
        <PasswordInput
          className={classes.grow ?? ''}
          label="Present password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => {
            setCurrent(event.currentTarget.value);
          }}
        />
        <PasswordInput
          className={classes.grow ?? ''}
          label="New password"
          autoComplete="new-password"
          required
          minLength={10}
          maxLength={200}
          value={wanted}
          onChange={(event) => {
            setWanted(event.currentTarget.value);
          }}
        />
        <Button type="submit" variant="default" loading={isBusy}>
          Change
        </Button>
      </form>
    </section>
  );
}
