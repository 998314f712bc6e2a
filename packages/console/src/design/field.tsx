// Fields of forms: a label, a control, a word of help, an error that names what is wrong. Labels are always seen.

import { useState } from 'react';
import type { ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup as AriaRadioGroup,
  Switch as AriaSwitch,
  Text,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
} from 'react-aria-components';
import { classNames } from './class-names.ts';
import styles from './field.module.css';
import { Icon } from './icons.tsx';

export interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  /** What is wrong with it; null or missing when nothing is. */
  readonly error?: string | null;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean;
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  readonly placeholder?: string;
  readonly kind?: 'text' | 'url' | 'email' | 'password' | 'search' | 'datetime-local';
  readonly mono?: boolean;
  /** Lines of a larger field; one line when missing. */
  readonly rows?: number;
  readonly autoFocus?: boolean;
  readonly autoComplete?: string;
  readonly name?: string;
  readonly maxLength?: number;
}

export function TextField(props: TextFieldProps): ReactNode {
  const { label, help, error = null, value, onChange, placeholder = '', kind = 'text', mono = false, rows, autoFocus = false } = props;
  const control = classNames(styles.control, mono && styles.mono);
  return (
    <AriaTextField
      className={classNames(styles.field)}
      value={value}
      onChange={onChange}
      isInvalid={error !== null}
      isRequired={props.isRequired === true}
      isDisabled={props.isDisabled === true}
      autoFocus={autoFocus}
      type={kind}
      autoComplete={props.autoComplete ?? 'off'}
      validationBehavior="aria"
      {...(props.name === undefined ? {} : { name: props.name })}
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
      {...(props.onBlur === undefined ? {} : { onBlur: props.onBlur })}
    >
      <FieldLabel label={label} required={props.isRequired} />
      {rows === undefined ? (
        <Input className={control} placeholder={placeholder} spellCheck={false} />
      ) : (
        <AriaTextArea className={control} rows={rows} placeholder={placeholder} spellCheck={false} />
      )}
      <FieldNotes help={help} error={error} />
    </AriaTextField>
  );
}

export interface NumberFieldProps extends FieldProps {
  /** NaN when empty. */
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly min?: number;
  readonly max?: number;
}

/**
 * A number, typed; the arrow keys step it. Not react-aria's: its spin button empties the announcer by `innerHTML`, which the
 * policy of the page forbids (Trusted Types).
 */
export function NumberField({ label, help, error = null, value, onChange, min, max, isRequired, isDisabled }: NumberFieldProps): ReactNode {
  const [typed, setTyped] = useState<string | null>(null); // while it is typed: it may be no number yet
  const within = (number: number): number => Math.min(max ?? Infinity, Math.max(min ?? -Infinity, number));
  const type = (text: string): void => {
    setTyped(text);
    onChange(/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : NaN);
  };
  return (
    <AriaTextField
      className={classNames(styles.field)}
      value={typed ?? (Number.isNaN(value) ? '' : String(value))}
      onChange={type}
      onBlur={() => {
        setTyped(null);
        if (within(value) !== value && !Number.isNaN(value)) onChange(within(value));
      }}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
        if (step !== 0 && !Number.isNaN(value)) type(String(within(value + step)));
      }}
      inputMode="decimal"
      autoComplete="off"
      isInvalid={error !== null}
      isRequired={isRequired === true}
      isDisabled={isDisabled === true}
      validationBehavior="aria"
    >
      <FieldLabel label={label} required={isRequired} />
      <Input className={classNames(styles.control)} />
      <FieldNotes help={help} error={error} />
    </AriaTextField>
  );
}

export interface ToggleProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (selected: boolean) => void;
  readonly isDisabled?: boolean;
}

export function Switch({ label, help, isSelected, onChange, isDisabled = false }: ToggleProps): ReactNode {
  return (
    <div className={styles.field}>
      <AriaSwitch className={classNames(styles.toggle)} isSelected={isSelected} onChange={onChange} isDisabled={isDisabled}>
        <span className={styles.track} />
        {label}
      </AriaSwitch>
      {help !== undefined && <span className={styles.help}>{help}</span>}
    </div>
  );
}

export function Checkbox({ label, isSelected, onChange, isDisabled = false }: ToggleProps): ReactNode {
  return (
    <AriaCheckbox className={classNames(styles.toggle)} isSelected={isSelected} onChange={onChange} isDisabled={isDisabled}>
      <span className={styles.box}>
        <Icon name="check" size={12} />
      </span>
      {label}
    </AriaCheckbox>
  );
}

export interface RadioGroupProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly { readonly id: string; readonly label: string; readonly help?: string }[];
}

export function RadioGroup({ label, help, error = null, value, onChange, options, isDisabled }: RadioGroupProps): ReactNode {
  return (
    <AriaRadioGroup
      className={classNames(styles.field)}
      value={value}
      onChange={onChange}
      isInvalid={error !== null}
      isDisabled={isDisabled === true}
    >
      <FieldLabel label={label} />
      {options.map((option) => (
        <Radio key={option.id} value={option.id} className={classNames(styles.toggle)}>
          <span className={styles.dot} />
          <span>
            {option.label}
            {option.help !== undefined && <span className={styles.beside}> {option.help}</span>}
          </span>
        </Radio>
      ))}
      <FieldNotes help={help} error={error} />
    </AriaRadioGroup>
  );
}

/** The label of a field; for controls built on react-aria's own context. */
export function FieldLabel({ label, required }: { readonly label: string; readonly required?: boolean | undefined }): ReactNode {
  return (
    <Label className={classNames(styles.label)}>
      {label}
      {required === true && <span className={styles.required}> required</span>}
    </Label>
  );
}

/** Help and error of a field; for controls built on react-aria's own context. */
export function FieldNotes({ help, error }: { readonly help?: ReactNode; readonly error?: string | null }): ReactNode {
  return (
    <>
      {help !== undefined && (
        <Text slot="description" className={classNames(styles.help)}>
          {help}
        </Text>
      )}
      <FieldError className={classNames(styles.error)}>{error ?? undefined}</FieldError>
    </>
  );
}
