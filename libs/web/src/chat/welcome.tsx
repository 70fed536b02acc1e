import { useRef, type ReactElement } from 'react';
import classes from './welcome.module.css';

const EXAMPLES = [
  {
    title: 'Summarise the documents',
    text: 'What are the documents about? Give me a short summary with sources.',
  },
  { title: 'Find a requirement', text: 'Which requirements do the documents set, and where are they?' },
  { title: 'See how it works', text: 'Who are you?' },
];

/** An empty chat. */
export function Welcome({ onPick }: { onPick: (text: string) => void }): ReactElement {
  const isPicked = useRef(false);
  const pick = (text: string): void => {
    if (isPicked.current) return; // the second click of a double click
    isPicked.current = true;
    onPick(text);
  };
  return (
    <div className={classes.welcome}>
      <h1>What would you like to know?</h1>
      <p>Answers continue while you are away, and are here when you come back.</p>
      <ul>
        {EXAMPLES.map(({ title, text }) => (
          <li key={title}>
            <button
              type="button"
              onClick={() => {
                pick(text);
              }}
            >
              <strong>{title}</strong>
              <span>{text}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
