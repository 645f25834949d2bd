import numpy as np
import pytest
import tensorflow as tf

from core.network.heads.objectives import CLASSES, DIGITS, LOG_VALUE, VALUE

LOGITS = tf.constant([[0.0, 0.0], [-1.0, 1.0], [2.0, -2.0]])


def log_probabilities(numbers, places, certainty=0.91):
    """Return log-probabilities of digits: certainty for those of the numbers, and equal shares for the others."""
    probabilities = np.full((len(numbers), places, 10), (1 - certainty) / 9, np.float32)
    for row, number in enumerate(numbers):
        for place in range(places):
            probabilities[row, place, number // 10**place % 10] = certainty
    return tf.constant(np.log(probabilities))


def test_classes_predict_the_probability_of_class_1():
    answers = CLASSES.predict(LOGITS)

    assert answers["answer"].numpy().tolist() == [0, 1, 0]
    np.testing.assert_allclose(answers["probability"], [0.5, 1 / (1 + np.exp(-2)), 1 / (1 + np.exp(4))], rtol=1e-5)


def test_the_loss_of_classes_is_the_cross_entropy_in_nats():
    losses = CLASSES.losses(LOGITS, tf.constant([0, 1, 1]), 9.0)

    np.testing.assert_allclose(losses, [np.log(2), np.log1p(np.exp(-2)), np.log1p(np.exp(4))], rtol=1e-5)


def test_accuracy_counts_right_answers():
    assert CLASSES.measures(LOGITS, tf.constant([0, 1, 1]))["accuracy"].numpy().tolist() == [1, 1, 0]


def test_the_loss_of_a_value_is_its_error_in_units_of_the_largest_number():
    losses = VALUE.losses(tf.constant([435.0, 10.5, 999.0]), tf.constant([435, 20, 0], tf.int64), 999.0)

    np.testing.assert_allclose(losses, [0.0, 9.5 / 999, 1.0], rtol=1e-6)


def test_the_logarithmic_loss_weighs_small_numbers_as_much_as_large_ones():
    """|log 10 - log 5| + 10 * 5 / 1000, and for -1: log 2 + log 1 + 10 * 1 / 1000."""
    losses = LOG_VALUE.losses(tf.constant([9.0, -1.0, 7.0]), tf.constant([4, 0, 7], tf.int64), 1000.0)

    np.testing.assert_allclose(losses, [np.log(2) + 0.05, np.log(2) + 0.01, 0], rtol=1e-5)


def test_a_value_has_absolute_relative_and_rounded_errors_and_no_probability():
    values = tf.constant([434.6, 10.5, 2.0])
    measures = VALUE.measures(values, tf.constant([435, 20, 0], tf.int64))

    np.testing.assert_allclose(measures["mean_absolute_error"], [0.4, 9.5, 2.0], atol=1e-4)
    np.testing.assert_allclose(measures["relative_error"], [0.4 / 435, 9.5 / 20, 2.0], atol=1e-4)
    assert measures["exact"].numpy().tolist() == [1, 0, 0]
    assert VALUE.predict(values).keys() == {"answer"}


def test_exact_is_exact_beyond_the_precision_of_float32():
    number = 2**24 + 1

    assert VALUE.measures(tf.constant([float(number)]), tf.constant([number], tf.int64))["exact"].numpy() == [0]


def test_digits_predict_the_number_of_their_most_probable_digits_and_its_probability():
    answers = DIGITS.predict(log_probabilities([435, 7, 123_456], places=6))

    assert answers["answer"].numpy().tolist() == [435, 7, 123_456]
    assert answers["answer"].dtype == tf.int64
    np.testing.assert_allclose(answers["probability"], [0.91**6] * 3, rtol=1e-5)


def test_a_probability_is_at_most_1_even_if_the_shares_are_not_normalized():
    shares = np.full((1, 18, 10), 1e-5, np.float32)
    shares[:, :, 0] = 1 + 1e-5

    assert DIGITS.predict(tf.constant(np.log(shares)))["probability"].numpy() <= 1


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_value_that_is_not_finite_is_never_exact(value):
    assert VALUE.measures(tf.constant([value], tf.float32), tf.constant([0], tf.int64))["exact"].numpy() == [0]


def test_digits_of_18_places_are_exact():
    number = 987_654_321_987_654_321

    assert DIGITS.predict(log_probabilities([number], places=18))["answer"].numpy().tolist() == [number]


def test_the_loss_of_digits_is_the_surprise_of_the_right_digits():
    """435 for 435, and for 436: one digit has probability 0.01 in place of 0.91."""
    losses = DIGITS.losses(log_probabilities([435, 435], places=3), tf.constant([435, 436], tf.int64), 999.0)

    np.testing.assert_allclose(losses, [-3 * np.log(0.91), -2 * np.log(0.91) - np.log(0.01)], rtol=1e-5)


def test_digits_have_absolute_relative_and_exact_errors():
    measures = DIGITS.measures(log_probabilities([435, 30], places=3), tf.constant([435, 20], tf.int64))

    assert measures["mean_absolute_error"].numpy().tolist() == [0, 10]
    assert measures["relative_error"].numpy().tolist() == [0, 0.5]
    assert measures["exact"].numpy().tolist() == [1, 0]
