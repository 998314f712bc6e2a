// One of few: a select. One of many, found by typing: a combobox. What is chosen from may be named by anybody: names are
// shown inert, in the list and once chosen.

import { useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import {
  Button,
  ComboBox as AriaComboBox,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
} from 'react-aria-components';
import { classNames } from './class-names.ts';
import { inertText } from './inert-text.ts';
import { FieldLabel, FieldNotes } from './field.tsx';
import type { FieldProps } from './field.tsx';
import field from './field.module.css';
import { Icon } from './icons.tsx';
import styles from './popover.module.css';

export interface Option {
  readonly id: string;
  readonly label: string;
  readonly detail?: string;
}

export interface SelectProps extends FieldProps {
  readonly options: readonly Option[];
  readonly value: string;
  readonly onChange: (id: string) => void;
  /** In a filter bar: the label is for screen readers only. */
  readonly compact?: boolean;
}

export function Select({ label, help, error = null, options, value, onChange, compact = false, isDisabled }: SelectProps): ReactNode {
  return (
    <AriaSelect
      className={classNames(field.field)}
      value={value}
      onChange={(key) => onChange(String(key))}
      isInvalid={error !== null}
      isDisabled={isDisabled === true}
      {...(compact ? { 'aria-label': label } : {})}
    >
      {!compact && <FieldLabel label={label} />}
      <Button className={classNames(field.chooser, compact && field.compact)}>
        <SelectValue>{({ defaultChildren, isPlaceholder, selectedText }) => (isPlaceholder ? defaultChildren : selectedText)}</SelectValue>
        <Icon name="down" size={14} />
      </Button>
      <FieldNotes help={help} error={error} />
      <Popover className={classNames(styles.popover)} offset={4}>
        <ListBox className={classNames(styles.list)} items={options}>
          {(option) => <OptionItem option={option} />}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export interface ComboBoxProps extends FieldProps {
  readonly options: readonly Option[];
  /** The id chosen; null when none is. */
  readonly value: string | null;
  readonly onChange: (id: string | null) => void;
  readonly placeholder?: string;
  readonly compact?: boolean;
  /** Takes what was typed as well, when nothing of the list is it. */
  readonly allowsOther?: boolean;
}

/** At most this many options are shown at once; typing finds the rest. */
const SHOWN_MAX = 100;

export function ComboBox(props: ComboBoxProps): ReactNode {
  const { label, help, error = null, options, value, onChange, placeholder = '', compact = false, allowsOther = false, isDisabled } = props;
  const labelOf = (id: string | null): string => (id === null ? '' : inertText(options.find((option) => option.id === id)?.label ?? id));
  const [typed, setTyped] = useState<string | null>(null);
  const latest = useRef<string | null>(null); // not the state: a choice and the list's closing come in one go
  const type = (text: string | null): void => {
    latest.current = text;
    setTyped(text);
  };
  /** What was typed and not chosen from the list counts where anything may: react-aria tells of it only when it replaces a choice. */
  const settle = (): void => {
    const text = latest.current?.trim() ?? null;
    type(null);
    if (text === null || (text !== '' && !allowsOther)) return;
    onChange(text === '' ? null : (options.find((option) => inertText(option.label) === text)?.id ?? text));
  };
  const shown = useMemo(() => {
    const words = (typed ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    const found = options.filter(({ id, label: name, detail = '' }) =>
      words.every((word) => `${id} ${name} ${detail}`.toLowerCase().includes(word)),
    );
    return found.slice(0, SHOWN_MAX);
  }, [options, typed]);
  return (
    <AriaComboBox
      className={classNames(field.field)}
      items={shown}
      inputValue={typed ?? labelOf(value)}
      onInputChange={type}
      value={value}
      onChange={(key) => {
        if (key === null) return settle();
        type(null);
        onChange(String(key));
      }}
      onOpenChange={(open) => {
        if (!open) settle();
      }}
      onBlur={settle}
      allowsCustomValue={allowsOther}
      allowsEmptyCollection
      menuTrigger="focus"
      isInvalid={error !== null}
      isDisabled={isDisabled === true}
      {...(compact ? { 'aria-label': label } : {})}
    >
      {!compact && <FieldLabel label={label} />}
      <div className={classNames(field.combo, compact && field.quiet)}>
        <Input className={classNames(field.control)} placeholder={placeholder} spellCheck={false} />
        <Button aria-label={`Show ${label}`}>
          <Icon name="down" size={14} />
        </Button>
      </div>
      <FieldNotes help={help} error={error} />
      <Popover className={classNames(styles.popover)} offset={4}>
        <ListBox<Option> className={classNames(styles.list)} renderEmptyState={() => <p className={styles.none}>Nothing found</p>}>
          {(option) => <OptionItem option={option} />}
        </ListBox>
      </Popover>
    </AriaComboBox>
  );
}

function OptionItem({ option }: { readonly option: Option }): ReactNode {
  return (
    <ListBoxItem id={option.id} textValue={inertText(option.label)} className={classNames(styles.item)}>
      <span className={styles.grow}>{inertText(option.label)}</span>
      {option.detail !== undefined && <span className={styles.detail}>{inertText(option.detail)}</span>}
      <span className={styles.tick}>
        <Icon name="check" size={14} />
      </span>
    </ListBoxItem>
  );
}
