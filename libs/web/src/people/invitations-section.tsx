import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { useInvitations, useInvite, useWithdrawInvitation, type Invitation } from '../api/people.js';
import { messageOf } from '../ui/error-text.js';
import { formatTime } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { notifyError } from '../ui/notify.js';
import classes from './people.module.css';
import { addressOf, Secret } from './secret.js';
import { Wrong } from './wrong.js';

/** Invites people, and lists who has not come yet. */
export function InvitationsSection(): ReactElement {
  const invite = useInvite();
  return (
    <section className={classes.section} aria-labelledby="invite">
      <h2 id="invite">Invite somebody</h2>
      <InviteForm invite={invite} />
      <Wrong text={invite.error && messageOf(invite.error)} />
      {invite.data && (
        <>
          <p>Give this link to the person. It works once; it is not shown again.</p>
          <Secret label="Invitation" text={addressOf(invite.data)} />
        </>
      )}
      <InvitationList />
    </section>
  );
}

function InviteForm({ invite }: { invite: ReturnType<typeof useInvite> }): ReactElement {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Invitation['role']>('user');
  return (
    <form
      className={classes.row}
      onSubmit={(event) => {
        event.preventDefault();
        invite.mutate(
          { email: email.trim(), role },
          {
            onSuccess: () => {
              setEmail('');
            },
          },
        );
      }}
    >
      <TextInput
        className={classes.grow ?? ''}
        label="Email address"
        type="email"
        autoComplete="off"
        required
        value={email}
        onChange={(event) => {
          setEmail(event.currentTarget.value);
        }}
      />
      <NativeSelect
        label="As"
        data={[
          { value: 'user', label: 'user' },
          { value: 'admin', label: 'administrator' },
        ]}
        value={role}
        onChange={(event) => {
          setRole(event.currentTarget.value === 'admin' ? 'admin' : 'user');
        }}
      />
      <Button type="submit" loading={invite.isPending}>
        Make a link
      </Button>
    </form>
  );
}

function InvitationList(): ReactElement | null {
  const { data } = useInvitations();
  const withdraw = useWithdrawInvitation();
  if (!data || data.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Invitations">
      {data.map(({ invitation_id: id, email, role, expires_at }) => (
        <li key={id}>
          <div className={classes.who}>
            <strong>{email}</strong>
            <span>
              invited as {role === 'admin' ? 'administrator' : 'user'} · until {formatTime(expires_at)}
            </span>
          </div>
          <IconButton
            label={`Withdraw the invitation of ${email}`}
            onClick={() => {
              withdraw.mutate(id, {
                onError: (error) => {
                  notifyError('The invitation could not be withdrawn', error);
                },
              });
            }}
          >
            <IconTrash size={17} stroke={1.7} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
