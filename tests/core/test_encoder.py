import numpy as np
import pytest
import tensorflow as tf

from core.encoder import FORGET_BIAS, States, encode_word, lstm, no_states

TIME, BATCH, INPUTS, HIDDEN = 5, 3, 2, 4
SIZES = {"alphabet_size": 6, "embedding": 3, "hidden": HIDDEN}


@pytest.fixture
def tensors():
    rng = np.random.default_rng(0)
    shapes = ([TIME, BATCH, INPUTS], [INPUTS + HIDDEN, 4 * HIDDEN], [4 * HIDDEN])
    return [tf.constant(rng.normal(size=shape), tf.float32) for shape in shapes]


def fused(tensors, steps):
    inputs, kernel, bias = tensors
    return lstm(inputs, kernel, bias, tf.constant(steps), no_states(BATCH, HIDDEN)).h


def unrolled(inputs, kernel, bias):
    """The formula of the LSTM, one step after the other in plain operations."""
    cell = state = tf.zeros([BATCH, HIDDEN])
    states = []
    for step in range(TIME):
        i, candidate, f, o = tf.split(tf.concat([inputs[step], state], axis=1) @ kernel + bias, 4, axis=1)
        cell = tf.sigmoid(f + FORGET_BIAS) * cell + tf.sigmoid(i) * tf.tanh(candidate)
        state = tf.sigmoid(o) * tf.tanh(cell)
        states.append(state)
    return tf.stack(states)


def test_a_single_unit_gives_the_numbers_computed_by_hand():
    """With x = 1, all weights 1 and biases 0: c = s(1) tanh(1) and h = s(1) tanh(c), s the sigmoid."""
    states = lstm(tf.ones([1, 1, 1]), tf.ones([2, 4]), tf.zeros([4]), tf.constant(1), no_states(1, 1)).h

    assert states.numpy().item() == pytest.approx(0.7310586 * np.tanh(0.7310586 * 0.7615942), abs=1e-6)


def test_the_fused_kernel_computes_the_unrolled_formula(tensors):
    np.testing.assert_allclose(fused(tensors, TIME), unrolled(*tensors), atol=1e-6)


def test_the_gradient_is_that_of_the_unrolled_formula(tensors):
    """The last state of sequences of different lengths, as the encoder uses it."""
    last = tf.constant([[4, 0], [0, 1], [2, 2]])

    def gradients(function):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            outputs = tf.reduce_sum(tf.gather_nd(function(), last) ** 2)
        return tape.gradient(outputs, tensors)

    ours = gradients(lambda: fused(tensors, TIME))
    theirs = gradients(lambda: unrolled(*tensors))

    for gradient, reference in zip(ours, theirs, strict=True):
        assert np.abs(reference).max() > 0.01
        np.testing.assert_allclose(gradient, reference, atol=1e-5)


def test_states_after_the_last_step_are_zero(tensors):
    states = fused(tensors, 2).numpy()

    assert np.abs(states[:2]).min() > 0
    assert np.abs(states[2:]).max() == 0


def encoded(characters, lengths):
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        state = encode_word(tf.constant(characters), tf.constant(lengths), shared=None, **SIZES)
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            return session.run(state)


def test_padding_does_not_change_what_a_word_is_encoded_as():
    alone = encoded([[2, 3]], [2])
    padded = encoded([[2, 3, 0, 0], [5, 4, 3, 2]], [2, 4])

    assert alone.shape == (1, HIDDEN)
    np.testing.assert_allclose(padded[0], alone[0], atol=1e-6)


def test_the_order_of_characters_matters():
    states = encoded([[2, 3, 4], [4, 3, 2]], [3, 3])

    assert np.abs(states[0] - states[1]).max() > 1e-3


def read(characters, lengths, shared):
    """The states of words, and the gradients of their squares with respect to every weight."""
    with tf.Graph().as_default():
        tf.compat.v1.set_random_seed(1)
        state = encode_word(
            tf.constant(characters),
            tf.constant(lengths),
            shared=None if shared is None else tf.constant(shared),
            **SIZES,
        )
        weights = tf.compat.v1.trainable_variables()
        gradients = [tf.convert_to_tensor(part) for part in tf.gradients(tf.reduce_sum(state**2), weights)]
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            return session.run([state, *gradients])


@pytest.mark.parametrize("shared", [0, 1, 2, 3])
def test_words_that_begin_alike_are_read_as_if_each_were_read_alone(shared):
    characters = [[2, 3, 4, 5, 2], [2, 3, 4, 2, 0], [2, 3, 5, 5, 5], [4, 3, 2, 3, 0], [2, 3, 4, 5, 2]]
    lengths = [5, 4, 5, 4, 5]

    alone = read(characters, lengths, None)
    together = read(characters, lengths, shared)

    for ours, reference in zip(together, alone, strict=True):
        assert np.abs(reference).max() > 1e-3
        np.testing.assert_allclose(ours, reference, atol=1e-6)


def test_a_state_to_start_from_gets_the_gradient_of_the_unrolled_formula(tensors):
    """Two runs, the second from where the first has come to, against one."""
    first, rest = 2, TIME - 2

    def in_two(inputs, kernel, bias):
        begun = lstm(inputs[:first], kernel, bias, tf.constant(first), no_states(BATCH, HIDDEN))
        start = States(*(states[-1] for states in begun))
        return lstm(inputs[first:], kernel, bias, tf.constant(rest), start).h[-1]

    def gradients(function):
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            outputs = tf.reduce_sum(function(*tensors) ** 2)
        return tape.gradient(outputs, tensors)

    for gradient, reference in zip(gradients(in_two), gradients(lambda *parts: unrolled(*parts)[-1]), strict=True):
        assert np.abs(reference).max() > 0.01
        np.testing.assert_allclose(gradient, reference, atol=1e-5)
