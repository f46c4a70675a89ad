"""Recipes: named settings of a model and its training, as plain values.

All that is computed here is how settings are merged; `from_recipe` makes a model from a
recipe.
"""

from keras_mocogan.recipes.known import get, names
from keras_mocogan.recipes.recipe import Recipe
